import { randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';

export interface AssertionChange {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly keys?: RsaKeyPair;
}

/** A client assertion as token-flows.md A5 wants it, made with jose, with changes for the rows that are to fail. */
export async function clientAssertion({ entra }: Landscape, change: AssertionChange = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { certificate, id } = entra.client;
  const claims = { aud: entra.tokenUrl, iss: id, sub: id, jti: randomUUID(), nbf: now, iat: now, exp: now + 300 };
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': certificate.thumbprints.x5tS256, ...change.header };
  const payload = { ...claims, ...change.claims } as JWTPayload;
  return new SignJWT(payload).setProtectedHeader(header).sign((change.keys ?? certificate.keys).privateKey);
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
