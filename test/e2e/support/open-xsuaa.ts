import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express, { type Request, type Response } from 'express';
import { type JWTPayload, SignJWT } from 'jose';
import { close, listen } from '../../../demo/landscape/http/listen.ts';
import { atEnd } from '../../support/at-end.ts';

/** What the next token is made with, where it should differ from what an XSUAA would do. */
export interface TokenChange {
  readonly claims?: JWTPayload;
  readonly header?: Readonly<Record<string, string>>;
  /** Signs the token instead of the genuine key. */
  sign?(claims: JWTPayload, header: { alg: string; kid: string }): Promise<string>;
}

/** As much of an XSUAA as logins need (token-flows.md section D): it signs in whoever `user` names, without asking. */
export interface Xsuaa {
  readonly origin: string;
  /** The value of VCAP_SERVICES that binds it. */
  readonly binding: object;
  readonly publicKeyPem: string;
  /** Forms of token requests. */
  readonly tokenRequests: readonly Readonly<Record<string, string>>[];
  /** Queries of authorization requests. */
  readonly authorizeRequests: readonly URLSearchParams[];
  user: { readonly name: string; readonly scopes: readonly string[] };
  change: TokenChange;
}

const client = { clientid: 'sb-harbour!t7', clientsecret: 'x+y/z=%7E&', xsappname: 'harbour!t7' };
const kid = 'default-jwt-key--1';

export async function openXsuaa(): Promise<Xsuaa> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, { challenge: string; redirectUri: string }>();
  const refreshTokens = new Set<string>();
  const tokenRequests: Record<string, string>[] = [];
  const authorizeRequests: URLSearchParams[] = [];
  const app = express();
  const server = createServer(app);
  const origin = `http://localhost:${await listen(server)}`;
  atEnd(() => close(server));

  app.get('/oauth/authorize', (request, response) => {
    const query = new URL(request.url, origin).searchParams;
    authorizeRequests.push(query);
    const [code, redirectUri] = [randomUUID(), query.get('redirect_uri') ?? ''];
    codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    response.redirect(302, back.href);
  });
  app.get('/token_keys', (_request, response) => {
    response.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] });
  });
  app.post('/oauth/token', express.urlencoded({ extended: false }), async (request: Request, response: Response) => {
    const form = request.body as Record<string, string>;
    tokenRequests.push(form);
    if (form['client_id'] !== client.clientid || form['client_secret'] !== client.clientsecret)
      return void response.status(401).json({ error: 'unauthorized', error_description: 'Bad credentials' });
    if (!isGranted(form)) return void response.status(400).json({ error: 'invalid_grant' });
    const refreshToken = `${randomUUID()}-r`;
    refreshTokens.add(refreshToken);
    const token = { access_token: await makeToken(), token_type: 'bearer', expires_in: 43_199, jti: randomUUID() };
    response.json({ ...token, refresh_token: refreshToken, scope: xsuaa.user.scopes.join(' ') });
  });

  function isGranted(form: Record<string, string>): boolean {
    if (form['grant_type'] === 'refresh_token') return refreshTokens.delete(form['refresh_token'] ?? '');
    const begun = codes.get(form['code'] ?? '');
    codes.delete(form['code'] ?? '');
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    return begun !== undefined && begun.challenge === challenge && begun.redirectUri === form['redirect_uri'];
  }

  function makeToken(): Promise<string> {
    const { user, change } = xsuaa;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: `${origin}/oauth/token`,
      sub: `sub of ${user.name}`,
      user_name: user.name,
      email: user.name,
      given_name: 'Mara',
      family_name: 'Lindqvist',
      scope: [...user.scopes],
      aud: [client.clientid, client.xsappname, 'openid'],
      cid: client.clientid,
      zid: 'zone-1',
      iat: now,
      exp: now + 43_199,
      jti: randomUUID(),
      ...change.claims,
    };
    const header = { alg: 'RS256', kid, typ: 'JWT', jku: `${origin}/token_keys`, ...change.header };
    return change.sign?.(claims, header) ?? new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
  }

  const credentials = { ...client, url: origin, identityzone: 'harbour-zone', uaadomain: 'localhost' };
  const xsuaa: Xsuaa = {
    origin,
    binding: { xsuaa: [{ name: 'uaa', label: 'xsuaa', tags: ['xsuaa'], credentials }] },
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    tokenRequests,
    authorizeRequests,
    user: { name: 'mara.lindqvist@example.com', scopes: ['openid', 'harbour!t7.Pilot'] },
    change: {},
  };
  return xsuaa;
}
