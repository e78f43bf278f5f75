import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { atEnd } from '../../../support/at-end.ts';
import { type Answer, type Browser, openBrowser } from '../../support/browser.ts';

/** What an OpenID Provider does wrong, or has: everything can be changed while it runs. */
export interface Ways {
  /** Seconds that its clock is ahead of the machine's. */
  ahead: number;
  /** Seconds that its tokens live. */
  lifetime: number;
  /** What the answers of its token endpoint wait for. */
  hold: Promise<void> | undefined;
  /** Answers in place of the good ones, by the end of the path: `/openid-configuration`, `/keys`, `/token`. */
  readonly instead: Map<string, RequestListener>;
}

/** A small OpenID Provider that can misbehave; people log in at it by asking for the callback. */
export interface Provider {
  readonly origin: string;
  readonly ways: Ways;
  /** Paths that were asked for. */
  readonly paths: readonly string[];
  count(end: string): number;
  /** Grants that were asked for at its token endpoint. */
  readonly grants: readonly string[];
  /** Environment of a router that logs in here. */
  readonly env: Readonly<Record<string, string>>;
  sign(claims: JWTPayload, header?: object): Promise<string>;
  /** Signs with a new key from now on, and publishes only that. */
  rotate(): Promise<void>;
  /** Takes no connections any more; `up` takes them again on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  now(): number;
}

const clientId = 'harbour';

export async function openProvider(): Promise<Provider> {
  const ways: Ways = { ahead: 0, lifetime: 3_600, hold: undefined, instead: new Map() };
  const [paths, grants]: [string[], string[]] = [[], []];
  const nonces = new Map<string, string>();
  let [pair, kid] = [await generateKeyPair('RS256', { extractable: true }), 'key-0'];
  let made = 0;
  const now = () => Math.floor(Date.now() / 1000) + ways.ahead;
  const sign = (claims: JWTPayload, header: object = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(pair.privateKey);
  const json = (response: ServerResponse, body: unknown, status = 200) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const server = createServer(async (request, response) => {
    const [path = '', query] = (request.url ?? '').split('?');
    paths.push(path);
    for (const [end, listener] of ways.instead) if (path.endsWith(end)) return listener(request, response);
    if (path.endsWith('/openid-configuration'))
      return json(response, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        jwks_uri: `${origin}/keys`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    if (path === '/keys')
      return json(response, { keys: [{ ...(await exportJWK(pair.publicKey)), kid, use: 'sig', alg: 'RS256' }] });
    if (path === '/authorize') {
      const asked = new URLSearchParams(query);
      const code = `code-${++made}`;
      nonces.set(code, asked.get('nonce') ?? '');
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString();
      return void response.writeHead(302, { location: back.href }).end();
    }
    const form = new URLSearchParams(await text(request));
    grants.push(form.get('grant_type') ?? '');
    await ways.hold;
    const times = { iat: now(), nbf: now(), exp: now() + ways.lifetime };
    const nonce = nonces.get(form.get('code') ?? '');
    return json(response, {
      access_token: `opaque-${++made}`,
      id_token: await sign({
        iss: origin,
        aud: clientId,
        sub: 'ada',
        sid: 's-1',
        ...times,
        ...(nonce ? { nonce } : {}),
      }),
      refresh_token: `refresh-${made}`,
      token_type: 'Bearer',
      expires_in: ways.lifetime,
    });
  });
  const listen = (port: number) => new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const down = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  atEnd(() => down());
  return {
    origin,
    ways,
    paths,
    grants,
    env: { OIDC_ISSUER: origin, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: 'hush' },
    count: (end) => paths.filter((path) => path.endsWith(end)).length,
    sign,
    async rotate() {
      pair = await generateKeyPair('RS256', { extractable: true });
      kid = `key-${++made}`;
    },
    down,
    up: () => listen(port),
    now,
  };
}

/** Opens a protected page in a new browser, which logs in on the way. */
export async function visitBy(
  url: string,
  browser: Browser = openBrowser(),
): Promise<{ browser: Browser; page: Answer }> {
  return { browser, page: await browser.open(url) };
}
