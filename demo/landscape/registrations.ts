import { randomBytes, X509Certificate } from 'node:crypto';
import type { Application, ConfidentialApplication, PublicApplication } from './entra/application.ts';
import { graphId } from './entra/resources.ts';
import type { IasApplication } from './ias/tenant.ts';
import type { KeyStore, LandscapeKeys } from './keys/make-keys.ts';

/** Ids are the same at every start, so that configuration can be kept; secrets are new each time. */
export const ids = Object.freeze({
  tenant: '8f3c2b1a-6d4e-4f70-9a1b-2c3d4e5f6a70',
  routerClient: '2d7c8a10-94c1-4e6b-8f5a-0b1c2d3e4f51',
  routerSecretId: 'b8e5f0a4-2f0e-4f4b-93a6-7d6f1c0e9a12',
  routerKeyId: 'f2a90c7e-53b1-4a8d-b6e4-91c0d7e8f313',
  otherClient: '91b6d3f2-0c5e-47a9-8e1d-3f4a5b6c7d82',
  publicClient: 'c4e1f7a8-6b2d-4d39-a5c0-8e9f0a1b2c93',
  disabledClient: '7a5d9e30-1f84-4c62-b7e9-d0c1b2a3f4e4',
  iasTenant: '5b0e7d94-3a62-4f18-8c7d-e1f2a3b4c5d5',
  iasClient: 'a6f0c1d2-77e3-4b58-9d4f-1a2b3c4d5e66',
  iasPlainClient: '3e9b8a7c-05d6-4e17-b2f8-6c5d4e3f2a77',
  iasPublicClient: 'd1c2b3a4-e5f6-4071-8293-a4b5c6d7e888',
  costCenters: '0f1e2d3c-4b5a-4968-8776-655443322199',
  costCentersDependency: 'cost-centers',
  apiKey: 'UG9ydHVudXNEZW1vQXBpS2V5',
  company: 'QuaysideHarbour',
});

/** Has the characters whose form-encoding clients forget (token-flows.md A4). */
export function makeSecret(): string {
  return `${randomBytes(24).toString('base64url')}~+&%7E=/`;
}

export interface EntraSecrets {
  readonly router: string;
  readonly expired: string;
  readonly other: string;
}

/** The applications of the directory. */
export function entraApplications(
  keys: LandscapeKeys,
  secrets: EntraSecrets,
  redirectUris: readonly string[],
  postLogoutRedirectUris: readonly string[],
): readonly Application[] {
  const router: ConfidentialApplication = {
    ...application(ids.routerClient, 'Portunus'),
    kind: 'confidential',
    mayCall: [graphId],
    appRoles: { [graphId]: ['User.Read.All'] },
    redirectUris: [...redirectUris],
    postLogoutRedirectUris: [...postLogoutRedirectUris],
    secrets: [
      { id: ids.routerSecretId, value: secrets.router, expired: false },
      { id: '0e4c6f1b-8d27-4e3a-a915-2b7d8c9e0f24', value: secrets.expired, expired: true },
    ],
    certificates: [certificateOf(keys.entraClient)],
  };
  const other: ConfidentialApplication = {
    ...application(ids.otherClient, 'Other application'),
    kind: 'confidential',
    mayCall: [graphId, ids.routerClient],
    redirectUris: [...redirectUris],
    secrets: [{ id: '6c8d0e2f-4a6b-4c8d-9e0f-1a2b3c4d5e35', value: secrets.other, expired: false }],
    certificates: [],
  };
  const mobile: PublicApplication = {
    ...application(ids.publicClient, 'Public application'),
    kind: 'public',
    mayCall: [graphId],
    redirectUris: [...redirectUris],
  };
  const disabled: PublicApplication = {
    ...application(ids.disabledClient, 'Disabled application'),
    kind: 'public',
    enabled: false,
  };
  return [router, other, mobile, disabled];
}

function application(id: string, name: string) {
  return {
    id,
    name,
    appIdUri: `api://${id}`,
    enabled: true,
    mayCall: [] as readonly string[],
    appRoles: {},
    redirectUris: [] as string[],
    postLogoutRedirectUris: [] as string[],
  };
}

function certificateOf({ keys, thumbprints }: KeyStore) {
  return { keyId: ids.routerKeyId, publicKey: keys.publicKey, thumbprints };
}

export interface IasSecrets {
  readonly router: string;
  readonly plain: string;
}

/** The applications of the IAS-like tenant. */
export function iasApplications(keys: LandscapeKeys, secrets: IasSecrets): readonly IasApplication[] {
  const { subject, issuer } = new X509Certificate(keys.iasClient.certificate);
  const dependencies = { [ids.costCentersDependency]: { providerClientId: ids.costCenters, api: 'CostCenters' } };
  const base = { kind: 'confidential', secrets: [], certificates: [], grants: [], dependencies: {} } as const;
  return [
    {
      ...base,
      id: ids.iasClient,
      secrets: [secrets.router],
      certificates: [{ kind: 'subject', subject, issuer }],
      grants: ['client_credentials', 'jwt_bearer'],
      dependencies,
    },
    { ...base, id: ids.iasPlainClient, secrets: [secrets.plain], grants: ['client_credentials'], dependencies },
    { ...base, id: ids.iasPublicClient, kind: 'public' },
    { ...base, id: ids.costCenters },
  ];
}
