import type { ServerMetadata } from 'openid-client';
import { endpointProblem } from '../config/loopback.ts';
import { AppError } from '../errors/app-error.ts';

/** Endpoints that browsers are sent to, that get our secret, or whose keys are believed. */
const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'end_session_endpoint',
  'userinfo_endpoint',
  'revocation_endpoint',
] as const;

/** What metadata says is held to the rule for what the owner says: https, or plain http on this machine (T-72). @throws AppError 502 */
export function refuseEndpoints(metadata: ServerMetadata): void {
  for (const name of endpoints) {
    const problem = metadata[name] === undefined ? undefined : endpointProblem(metadata[name]);
    if (problem === undefined) continue;
    throw new AppError({
      code: 'ERR_LOGIN_FAILED',
      status: 502,
      detail: `The identity provider's metadata cannot be trusted: its ${name} ${problem}.`,
    });
  }
}
