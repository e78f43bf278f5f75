import type { Request } from 'express';
import { type BasicCredentials, readBasicCredentials } from '../http/basic-credentials.ts';
import { readForm } from '../http/form.ts';
import { IasError } from './ias-error.ts';
import { type PresentedCertificate, presentedCertificate } from './presented-certificate.ts';
import type { IasGrant } from './tenant.ts';

const grants = {
  client_credentials: 'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'jwt_bearer',
} as const satisfies Record<string, IasGrant>;

/** Grants the live service has and this one does not: known, but not enabled on any application (token-flows.md C3). */
const notEnabled = [
  'password',
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
];

/** A POST to the token endpoint, before the client is known. */
export interface IasTokenRequest {
  readonly grantType: string;
  readonly basic: BasicCredentials;
  readonly certificate: PresentedCertificate | undefined;
  get(name: string): string | undefined;
}

/** @throws IasError invalid_request: repeated parameter, malformed Authorization, no grant_type (H44) */
export function readTokenRequest(request: Request): IasTokenRequest {
  const { fields, repeated } = readForm(request);
  if (repeated[0]) throw new IasError('invalid_request', `The parameter ${repeated[0]} is repeated.`);
  const basic = readBasicCredentials(request.get('authorization'));
  if (basic.kind === 'malformed') throw new IasError('invalid_request', 'The Authorization header is malformed.');
  const grantType = fields.get('grant_type');
  if (grantType === undefined) throw new IasError('invalid_request', 'The parameter grant_type is missing.');
  const get = (name: string) => fields.get(name);
  return { grantType, basic, certificate: presentedCertificate(request), get };
}

/** @throws IasError unsupported_grant_type, or unauthorized_client for a grant no application has */
export function readGrant(grantType: string): IasGrant {
  if (Object.hasOwn(grants, grantType)) return grants[grantType as keyof typeof grants];
  if (notEnabled.includes(grantType))
    throw new IasError('unauthorized_client', 'The grant is not enabled on the application.');
  throw new IasError('unsupported_grant_type', 'The grant type is not supported.');
}
