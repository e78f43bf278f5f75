import { createHash } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { LandscapeUser } from '../users.ts';
import { type Directory, pairwiseSubject } from './directory.ts';

/** What belongs to one sign-in rather than to the user. */
export interface SignIn {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly nonce?: string | undefined;
  /** Seconds since 1970. */
  readonly authTime?: number | undefined;
  /** Any text that stays the same during the OP's session. */
  readonly session?: string | undefined;
}

/** An ID token with the claims of Entra's v2 tokens (token-flows.md A12). */
export async function mintIdToken(directory: Directory, user: LandscapeUser, signIn: SignIn): Promise<string> {
  const now = directory.clock.seconds();
  const payload: JWTPayload = {
    ...userClaims(directory, user, signIn.clientId, signIn.scopes),
    aud: signIn.clientId,
    iss: directory.issuer,
    iat: now,
    nbf: now,
    exp: now + directory.lifetimes.idToken,
    ...(signIn.nonce === undefined ? {} : { nonce: signIn.nonce }),
    ...(signIn.authTime === undefined ? {} : { auth_time: signIn.authTime }),
    ...(signIn.session === undefined ? {} : { sid: sessionId(signIn.session) }),
  };
  return new SignJWT(payload)
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: directory.key.thumbprints.x5t })
    .sign(directory.key.keys.privateKey);
}

function userClaims(directory: Directory, user: LandscapeUser, clientId: string, scopes: readonly string[]) {
  return {
    sub: pairwiseSubject(user.oid, clientId),
    oid: user.oid,
    tid: directory.tenant,
    ver: '2.0',
    ...(scopes.includes('profile') && {
      name: user.displayName,
      preferred_username: user.email,
      given_name: user.givenName,
      family_name: user.surname,
    }),
    ...(scopes.includes('email') && { email: user.email }),
  };
}

/** A GUID made of the session, so that it says nothing about the OP's own identifier. */
function sessionId(session: string): string {
  const hex = createHash('sha256').update(session).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
