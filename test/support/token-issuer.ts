import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { atEnd } from './at-end.ts';

/** What came to the token endpoint. */
export interface TokenRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly form: URLSearchParams;
}

/** An identity provider on loopback: metadata, keys, and a token endpoint that answers as it is told. */
export interface TokenIssuer {
  readonly origin: string;
  readonly requests: readonly TokenRequest[];
  answerWith(answer: (request: TokenRequest) => Promise<{ status?: number; body: unknown }>): void;
  /** A token signed with the issuer's own key. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** A token signed with a key that the issuer does not publish. */
  forge(claims: JWTPayload): Promise<string>;
  /** The published key as PEM: what HS256 forgers take for a secret. */
  readonly publicPem: string;
  /** Signs with a new key from now on, and publishes it instead of the old one. */
  rotate(): Promise<void>;
  /** Paths that were asked for. */
  readonly paths: readonly string[];
}

type Metadata = Readonly<Record<string, unknown>>;

/** @param metadata further members of its metadata, made of its origin where they depend on it */
export async function startTokenIssuer(metadata: Metadata | ((origin: string) => Metadata) = {}): Promise<TokenIssuer> {
  let ours = await generateKeyPair('RS256', { extractable: true });
  const theirs = await generateKeyPair('RS256');
  let kid = 'key-1';
  const jwkOf = async () => ({ ...(await exportJWK(ours.publicKey)), kid, use: 'sig', alg: 'RS256' });
  let jwk = await jwkOf();
  const publicPem = await pemOf(ours.publicKey);
  const requests: TokenRequest[] = [];
  const paths: string[] = [];
  let answer: Parameters<TokenIssuer['answerWith']>[0] = async () => ({
    status: 400,
    body: { error: 'invalid_grant' },
  });

  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    paths.push(path);
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path.endsWith('/.well-known/openid-configuration'))
      return json(200, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        jwks_uri: `${origin}/keys`,
        end_session_endpoint: `${origin}/logout`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...(typeof metadata === 'function' ? metadata(origin) : metadata),
      });
    if (path === '/keys' || path === '/token_keys') return json(200, { keys: [jwk] });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = { headers: request.headers, form: new URLSearchParams(Buffer.concat(chunks).toString()) };
    requests.push(asked);
    const { status = 200, body } = await answer(asked);
    return json(status, body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signedBy =
    (key: () => CryptoKey) =>
    (claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(key());
  return {
    origin,
    requests,
    paths,
    publicPem,
    answerWith: (next) => {
      answer = next;
    },
    sign: signedBy(() => ours.privateKey),
    forge: signedBy(() => theirs.privateKey),
    async rotate() {
      ours = await generateKeyPair('RS256', { extractable: true });
      kid += '-next';
      jwk = await jwkOf();
    },
  };
}

async function pemOf(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('spki', key));
  return `-----BEGIN PUBLIC KEY-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`;
}
