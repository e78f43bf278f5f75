import type { Request } from 'express';
import { type BasicCredentials, readBasicCredentials } from '../http/basic-credentials.ts';
import { readForm } from '../http/form.ts';
import type { Directory } from './directory.ts';
import { EntraError } from './errors.ts';

const grants = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'on_behalf_of',
} as const;

export type Grant = (typeof grants)[keyof typeof grants];

/** A POST to the token endpoint after the checks that need no client: method, tenant, form, grant type, client id. */
export interface TokenRequest {
  readonly grant: Grant;
  readonly clientId: string;
  readonly basic: BasicCredentials;
  /** A parameter, or undefined. */
  get(name: string): string | undefined;
  /** A parameter the grant cannot do without. @throws EntraError 900144 */
  require(name: string): string;
}

/**
 * Reads a token request in the order of token-flows.md A9: method, tenant, form and grant type, client id.
 * Parameters it does not know are ignored, as MSAL sends many (A5).
 * @throws EntraError 900561, 90002, 900023, 900144, 90013, 70003, 9001023, 50194
 */
export function readTokenRequest(request: Request, tenant: string, directory: Directory): TokenRequest {
  if (request.method !== 'POST') throw new EntraError(900561, { detail: `Received a ${request.method} request.` });
  const shared = readTenant(tenant, directory);
  const { fields, repeated } = readForm(request);
  const get = (name: string) => fields.get(name);
  const require = (name: string) => {
    const value = fields.get(name);
    if (value === undefined) throw new EntraError(900144, { detail: `The parameter is named: '${name}'.` });
    return value;
  };
  if (repeated[0]) throw new EntraError(90013, { detail: `The parameter '${repeated[0]}' is repeated.` });
  const grant = readGrant(require('grant_type'));
  if (shared) refuseSharedEndpoint(grant, shared);
  const basic = readBasicCredentials(request.get('authorization'));
  if (basic.kind === 'malformed') throw new EntraError(90013, { detail: 'The Authorization header is malformed.' });
  const clientId = basic.kind === 'basic' ? (get('client_id') ?? basic.id) : require('client_id');
  if (basic.kind === 'basic' && basic.id !== clientId)
    throw new EntraError(90013, { detail: 'Two client ids were sent.' });
  return Object.freeze({ grant, clientId, basic, get, require });
}

const sharedEndpoints = ['common', 'organizations', 'consumers'];

/** The shared endpoint's name when the request went to one; undefined for our own tenant. */
export function readTenant(tenant: string, directory: Directory): string | undefined {
  if (sharedEndpoints.includes(tenant)) return tenant;
  const isGuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant);
  const isDomain = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(tenant);
  if (!isGuid && !isDomain) throw new EntraError(900023, { detail: `Tenant: ${tenant}` });
  if (tenant.toLowerCase() !== directory.tenant) throw new EntraError(90002, { detail: `Tenant: ${tenant}` });
  return undefined;
}

function readGrant(grantType: string): Grant {
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType as keyof typeof grants] : undefined;
  if (!grant) throw new EntraError(70003, { detail: `Grant type: ${grantType}` });
  return grant;
}

/** No application of the demo is multi-tenant; and two grants need a tenant whatever the application (token-flows.md A3). */
function refuseSharedEndpoint(grant: Grant, endpoint: string): never {
  const needsTenant = grant === 'on_behalf_of' || grant === 'client_credentials';
  throw new EntraError(needsTenant && endpoint !== 'organizations' ? 9001023 : 50194);
}
