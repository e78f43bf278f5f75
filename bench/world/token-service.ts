import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';

// As much of an identity provider as the benchmark needs: it signs in a new user each time, without asking, and answers
// token requests in the name of users. PORT: where; DELAY: milliseconds that such an answer takes at least; TOKEN_SIZE:
// characters, about, of a user's token; LIFE: seconds that tokens live, and when it is less than an hour there are refresh
// tokens. /logout-token?sub= makes what a provider sends when it ends a user's sessions.
const { PORT = '0', DELAY = '0', TOKEN_SIZE = '700', LIFE = '43200', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env;
const origin = `http://127.0.0.1:${PORT}`;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }] };
const logins = new Map<string, { readonly nonce: string; readonly challenge: string }>();
/** User and session of each refresh token. */
const renewals = new Map<string, Session>();
const life = Number(LIFE);
/** The event of OpenID Connect Back-Channel Logout 2.4. */
const ends = 'http://schemas.openid.net/event/backchannel-logout';

interface Session {
  readonly sub: string;
  readonly sid: string;
}

/** Milliseconds that each answer to a user's token request took here, since somebody last asked. */
let ownTimes: number[] = [];

const metadata = {
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  jwks_uri: `${origin}/keys`,
  ...(life < 3_600 && { end_session_endpoint: `${origin}/ended`, revocation_endpoint: `${origin}/revoke` }),
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  code_challenge_methods_supported: ['S256'],
};

createServer(async (request, response) => {
  const begun = performance.now();
  const url = new URL(request.url ?? '/', origin);
  const json = (status: number, body: object) => {
    const text = Buffer.from(JSON.stringify(body));
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length }).end(text);
  };
  if (url.pathname === '/.well-known/openid-configuration') return json(200, metadata);
  if (url.pathname === '/keys') return json(200, keys);
  if (url.pathname === '/authorize') return response.writeHead(302, { location: signIn(url.searchParams) }).end();
  if (url.pathname === '/logout-token')
    return void response.end(
      await sign({ sub: url.searchParams.get('sub') ?? '', jti: randomUUID(), events: { [ends]: {} } }),
    );
  if (url.pathname === '/own-times') {
    json(200, ownTimes);
    ownTimes = [];
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  if (!isClient(form, request.headers.authorization)) return json(401, { error: 'invalid_client' });
  if (form.get('grant_type') === 'authorization_code') {
    const login = logins.get(form.get('code') ?? '');
    logins.delete(form.get('code') ?? '');
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (login === undefined || login.challenge !== proof) return json(400, { error: 'invalid_grant' });
    return json(200, await tokensFor({ sub: randomUUID(), sid: randomUUID() }, login.nonce));
  }
  if (url.pathname === '/revoke') {
    renewals.delete(form.get('token') ?? '');
    return json(200, {});
  }
  if (form.get('grant_type') === 'refresh_token') {
    const session = renewals.get(form.get('refresh_token') ?? '');
    renewals.delete(form.get('refresh_token') ?? '');
    return session === undefined ? json(400, { error: 'invalid_grant' }) : json(200, await tokensFor(session));
  }
  if (form.get('grant_type') === 'client_credentials') return json(200, opaque(1_500));
  if (!form.get('assertion')) return json(400, { error: 'invalid_request' });
  if (DELAY !== '0') await new Promise((go) => setTimeout(go, Number(DELAY)));
  // As long as Entra ID's access tokens for an API are.
  json(200, opaque(1_500));
  ownTimes.push(performance.now() - begun);
}).listen(Number(PORT), '127.0.0.1');

function signIn(query: URLSearchParams): string {
  const code = randomUUID();
  logins.set(code, { nonce: query.get('nonce') ?? '', challenge: query.get('code_challenge') ?? '' });
  const back = new URL(query.get('redirect_uri') ?? origin);
  back.searchParams.set('code', code);
  back.searchParams.set('state', query.get('state') ?? '');
  return back.href;
}

function isClient(form: URLSearchParams, basic: string | undefined): boolean {
  if (form.get('client_id') === CLIENT_ID && form.get('client_secret') === CLIENT_SECRET) return true;
  return basic === `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;
}

/** Characters of a token without groups, and what a group adds: base64url of a quoted UUID and a comma. */
const [bare, perGroup] = [490, 52];
const groups = Math.max(0, Math.round((Number(TOKEN_SIZE) - bare) / perGroup));

/** Each refresh token is good for one renewal. */
async function tokensFor(session: Session, nonce?: string): Promise<object> {
  const tokens = { ...opaque(40), id_token: await idToken(session, nonce) };
  if (life >= 3_600) return tokens;
  const refreshToken = randomUUID();
  renewals.set(refreshToken, session);
  return { ...tokens, refresh_token: refreshToken };
}

/** With groups, as directories put them in. */
function idToken({ sub, sid }: Session, nonce?: string): Promise<string> {
  return sign({
    sub,
    ...(life < 3_600 && { sid, jti: randomUUID() }),
    ...(nonce !== undefined && { nonce }),
    name: 'Mara Lindqvist',
    email: `${sub}@example.com`,
    preferred_username: `${sub}@example.com`,
    groups: Array.from({ length: groups }, () => randomUUID()),
  });
}

function sign(claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
    .setIssuer(origin)
    .setAudience(CLIENT_ID)
    .setIssuedAt()
    .setExpirationTime(`${life}s`)
    .sign(privateKey);
}

function opaque(length: number) {
  const token = randomBytes(length).toString('base64url').slice(0, length);
  return { access_token: token, token_type: 'Bearer', expires_in: life };
}
