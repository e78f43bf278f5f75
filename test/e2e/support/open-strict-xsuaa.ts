import { createHash, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { SignedXml } from 'xml-crypto';
import { close, listen } from '../../../demo/landscape/http/listen.ts';
import { atEnd } from '../../support/at-end.ts';

/** A client of the XSUAA; either with a secret, for the one host, or with a certificate, for the other (token-flows.md D1). */
export interface XsuaaClient {
  readonly secret?: string;
  /** PEM. */
  readonly certificate?: string;
  /** Default: all there are. */
  readonly grants?: readonly string[];
}

/**
 * Long because it is a whole service. An XSUAA of the zones `acme` and `other` (the first part of the path) that refuses whatever
 * token-flows.md D lets it refuse.
 */
export interface StrictXsuaa {
  /** For secrets; https://…/acme is an issuer. */
  readonly origin: string;
  /** For certificates: the handshake ends without one. */
  readonly certOrigin: string;
  /** What was refused, and why. */
  readonly refused: string[];
  /** Forms of the requests that were granted. */
  readonly granted: URLSearchParams[];
  /** Whether the user's login brings the scope `uaa.user`. */
  mayExchange: boolean;
  /** Seconds that tokens live, but those of logins. */
  tokenLife: number;
}

export interface StrictXsuaaSetup {
  readonly clients: Readonly<Record<string, XsuaaClient>>;
  /** PEM; the host for certificates trusts the clients' own ones only. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** PEM, of who signs SAML assertions. */
  readonly samlCertificate: string;
}

type Form = ReadonlyMap<string, string>;
const urn = 'urn:ietf:params:oauth:grant-type:';
/** Fields by grant; any other is refused, as a repeated and an empty one is (RFC 6749 3.2). */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  authorization_code: ['code', 'redirect_uri', 'code_verifier'],
  refresh_token: ['refresh_token', 'scope'],
  client_credentials: ['scope', 'authorities', 'response_type'],
  password: ['username', 'password', 'scope'],
  user_token: ['response_type', 'scope'],
  [`${urn}jwt-bearer`]: ['assertion', 'scope', 'response_type'],
  [`${urn}saml2-bearer`]: ['assertion', 'scope'],
};
const zones = ['acme', 'other'];
/** Seconds. */
const loginLife = 43_199;

class Refusal extends Error {
  readonly status: number;
  readonly error: string;
  constructor(status: number, error: string, description: string) {
    super(description);
    [this.status, this.error] = [status, error];
  }
}
const badCredentials = () => new Refusal(401, 'unauthorized', 'Bad credentials');

export async function openStrictXsuaa({ clients, tls, samlCertificate }: StrictXsuaaSetup): Promise<StrictXsuaa> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, URLSearchParams>();
  const refreshTokens = new Map<string, { user: string; client: string; isUsed: boolean }>();
  const assertionIds = new Set<string>();
  const trusted = Object.values(clients).flatMap(({ certificate }) => certificate ?? []);

  const mint = (zone: string, client: string, user: string | undefined, life: number, more: JWTPayload = {}) =>
    new SignJWT({
      iss: `${origin}/${zone}/oauth/token`,
      zid: `zone-${zone}`,
      aud: [client, 'openid'],
      cid: client,
      sub: user ?? client,
      scope: ['openid', ...(xsuaa.mayExchange ? ['uaa.user'] : [])],
      ext_attr: { enhancer: 'XSUAA', zdn: zone },
      ...(user === undefined ? {} : { user_name: user, email: `${user}@example.com` }),
      jti: randomUUID(),
      ...more,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'JWT', jku: `${origin}/${zone}/token_keys` })
      .setIssuedAt()
      .setExpirationTime(`${life}s`)
      .sign(privateKey);

  /** The user of a token that this zone made. */
  async function userOf(token: string, zone: string): Promise<JWTPayload> {
    const wrong = (why: string) => new Refusal(401, 'invalid_token', why);
    const { payload } = await jwtVerify(token, publicKey).catch(() => {
      throw wrong('Token header claim [kid] references unknown signing key');
    });
    if (payload['zid'] !== `zone-${zone}`) throw wrong(`The token is of another zone: ${payload['zid']}`);
    if (payload['user_name'] === undefined) throw wrong('The token is of no user');
    return payload;
  }

  /** RFC 7522 3: signed, for us, for now, and once. */
  function userOfSaml(assertion: string, url: URL): string {
    const wrong = (why: string) => new Refusal(401, 'unauthorized', why);
    if (!/^[\w-]+$/.test(assertion)) throw wrong('not base64url');
    const xml = Buffer.from(assertion, 'base64url').toString();
    const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)?.[0] ?? '';
    const judge = new SignedXml({ publicCert: samlCertificate });
    judge.loadSignature(signature);
    try {
      if (!judge.checkSignature(xml)) throw wrong('signature');
    } catch {
      throw wrong('signature');
    }
    const [signed = ''] = judge.getSignedReferences();
    const read = (pattern: RegExp) => pattern.exec(signed)?.[1] ?? '';
    if (read(/ Recipient="([^"]+)"/) !== url.href) throw wrong('recipient');
    if (read(/Audience>([^<]+)</) !== `saml-of-${zones[0]}`) throw wrong('audience');
    const [from, until] = [read(/ NotBefore="([^"]+)"/), read(/ NotOnOrAfter="([^"]+)"/)].map(Date.parse);
    if (!(Number(from) <= Date.now() && Date.now() < Number(until))) throw wrong('not valid at this time');
    if (Number(until) - Number(from) > 1_200_000) throw wrong('valid for too long');
    const id = read(/ ID="([^"]+)"/);
    if (assertionIds.has(id)) throw wrong('assertion used twice');
    assertionIds.add(id);
    return read(/<[^>]*NameID[^>]*>([^<]+)</);
  }

  /** @returns id of the client, which has shown exactly one proof, the right one, at the right host */
  function clientOf(request: IncomingMessage, form: Form): string {
    const { authorization, 'x-cf-encoded-credentials': isEncoded } = request.headers;
    const shown = /^Basic (.+)$/.exec(authorization ?? '')?.[1];
    const parts = shown === undefined ? [] : Buffer.from(shown, 'base64').toString().split(':', 2);
    // Form-encoded only where that is said (token-flows.md D2).
    const [user, password] =
      isEncoded === 'true' ? parts.map((part) => new URLSearchParams(`_=${part}`).get('_')) : parts;
    const id = user ?? form.get('client_id') ?? '';
    const client = clients[id];
    if (client === undefined) throw badCredentials();
    if (user !== undefined && (form.get('client_id') ?? user) !== user)
      throw new Refusal(401, 'invalid_client', 'Given client ID does not match authenticated client');
    const proofs = [authorization, form.get('client_secret'), form.get('client_assertion')];
    const count = proofs.filter((proof) => proof !== undefined).length;
    const peer =
      'getPeerCertificate' in request.socket ? (request.socket as TLSSocket).getPeerX509Certificate() : undefined;
    if ((client.certificate === undefined) !== (peer === undefined))
      throw new Refusal(401, 'unauthorized', `Unsupported instance credential for ${id}`);
    if (peer !== undefined) {
      const registered = new X509Certificate(client.certificate ?? '').fingerprint256;
      if (count > 0 || peer.fingerprint256 !== registered) throw badCredentials();
    } else if (count !== 1 || (password ?? form.get('client_secret')) !== client.secret) throw badCredentials();
    return id;
  }

  async function grant(request: IncomingMessage, form: Form, zone: string, url: URL) {
    const type = form.get('grant_type');
    if (type === undefined) throw new Refusal(400, 'invalid_request', 'Missing grant type');
    const own = fieldsOf[type];
    if (own === undefined) throw new Refusal(400, 'unsupported_grant_type', `Unsupported grant type: ${type}`);
    const known = [...own, 'grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];
    const strange = [...form.keys()].find((name) => !known.includes(name));
    if (strange !== undefined) throw new Refusal(400, 'invalid_request', `unknown parameter ${strange}`);
    const withRefresh = async (user: string, client: string, life = xsuaa.tokenLife, more?: JWTPayload) => {
      const refresh_token = `${randomUUID()}-r`;
      refreshTokens.set(refresh_token, { user, client, isUsed: false });
      return { access_token: await mint(zone, client, user, life, more), refresh_token, expires_in: life };
    };
    if (type === 'user_token') {
      // The user's token is the proof of this one (destination-service.md 2.5).
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (form.has('client_secret') || form.has('client_assertion')) throw badCredentials();
      const user = await userOf(bearer, zone);
      if (!(user['scope'] as string[]).includes('uaa.user'))
        throw new Refusal(403, 'insufficient_scope', 'Insufficient scope for this resource');
      return { ...(await withRefresh(String(user['user_name']), form.get('client_id') ?? '')), access_token: null };
    }
    const client = clientOf(request, form);
    if (!(clients[client]?.grants ?? Object.keys(fieldsOf)).includes(type))
      throw new Refusal(401, 'invalid_client', `Unauthorized grant type: ${type}`);
    const needed = (name: string, otherwise: Refusal) => {
      const value = form.get(name);
      if (value === undefined) throw otherwise;
      return value;
    };
    switch (type) {
      case 'client_credentials':
        return { access_token: await mint(zone, client, undefined, xsuaa.tokenLife), expires_in: xsuaa.tokenLife };
      case 'password':
        if (form.get('username') !== 'mara' || form.get('password') !== 'pö+w&d %') throw badCredentials();
        return withRefresh('mara', client);
      case 'authorization_code': {
        const begun = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        if (begun?.get('code_challenge') !== challenge || begun.get('redirect_uri') !== form.get('redirect_uri'))
          throw new Refusal(400, 'invalid_grant', 'Invalid code verifier');
        const id_token = await mint(zone, client, 'mara', loginLife, {
          aud: [client],
          nonce: begun.get('nonce') ?? undefined,
        });
        return { ...(await withRefresh('mara', client, loginLife)), id_token };
      }
      case 'refresh_token': {
        const shown = needed(
          'refresh_token',
          new Refusal(400, 'invalid_request', 'refresh_token parameter not provided'),
        );
        const token = refreshTokens.get(shown);
        if (token === undefined || token.client !== client)
          throw new Refusal(401, 'invalid_token', 'unknown refresh token');
        if (token.isUsed) {
          refreshTokens.clear(); // RFC 9700 4.14.2: whoever shows it again may have stolen it
          throw new Refusal(401, 'invalid_token', 'refresh token used twice');
        }
        token.isUsed = true;
        return withRefresh(token.user, client);
      }
      case `${urn}jwt-bearer`: {
        const assertion = needed('assertion', new Refusal(401, 'unauthorized', 'Assertion is missing'));
        return withRefresh(String((await userOf(assertion, zone))['user_name']), client);
      }
      default: {
        const assertion = needed('assertion', new Refusal(401, 'unauthorized', 'SAML Assertion is missing'));
        if (!url.pathname.endsWith(`/alias/${zone}.local`)) throw new Refusal(401, 'unauthorized', 'not the alias');
        return withRefresh(userOfSaml(assertion, url), client);
      }
    }
  }

  async function answerToken(request: IncomingMessage, zone: string, url: URL) {
    const body = await text(request);
    const { method, headers } = request;
    if (method !== 'POST' || url.search !== '') throw new Refusal(405, 'method_not_allowed', 'POST, and no query');
    const isForm = /^application\/x-www-form-urlencoded(;charset=utf-8)?$/i.test(headers['content-type'] ?? '');
    if (!isForm || headers.accept !== 'application/json')
      throw new Refusal(400, 'invalid_request', `${headers['content-type']}, ${headers.accept}`);
    const pairs = [...new URLSearchParams(body)];
    const form: Form = new Map(pairs);
    if (form.size !== pairs.length) throw new Refusal(400, 'invalid_request', 'repeated parameter');
    if (pairs.some(([, value]) => value === '')) throw new Refusal(400, 'invalid_request', 'empty parameter');
    const granted = await grant(request, form, zone, url);
    xsuaa.granted.push(new URLSearchParams(body));
    return { token_type: 'bearer', scope: 'openid', jti: randomUUID(), ...granted };
  }

  const serve =
    (base: () => string): RequestListener =>
    async (request, response) => {
      const url = new URL(request.url ?? '/', base());
      const [, zone = '', ...rest] = url.pathname.split('/');
      const json = (status: number, body: object) =>
        response
          .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
          .end(JSON.stringify(body));
      try {
        if (!zones.includes(zone))
          throw new Refusal(404, 'not_found', 'The subdomain does not map to a valid identity zone.');
        if (rest[0] === 'token_keys')
          return json(200, {
            keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256', use: 'sig' }],
          });
        if (rest.join('/') === 'oauth/authorize') {
          const code = randomUUID();
          codes.set(code, url.searchParams);
          const back = new URL(url.searchParams.get('redirect_uri') ?? '');
          for (const [name, value] of [
            ['code', code],
            ['state', url.searchParams.get('state') ?? ''],
          ] as const)
            back.searchParams.set(name, value);
          return response.writeHead(302, { location: back.href }).end();
        }
        return json(200, await answerToken(request, zone, url));
      } catch (cause) {
        if (!(cause instanceof Refusal)) return json(500, { error: String(cause) });
        xsuaa.refused.push(cause.message);
        return json(cause.status, { error: cause.error, error_description: cause.message });
      }
    };
  const server = createServer(serve(() => origin));
  const certServer = createTlsServer(
    { ...tls, ca: trusted, requestCert: true, rejectUnauthorized: true },
    serve(() => xsuaa.certOrigin),
  );
  certServer.on('tlsClientError', () => undefined);
  const origin: string = `http://localhost:${await listen(server)}`;
  const xsuaa: StrictXsuaa = {
    origin,
    certOrigin: `https://localhost:${await listen(certServer)}`,
    refused: [],
    granted: [],
    mayExchange: true,
    tokenLife: 600,
  };
  atEnd(() => Promise.all([close(server), close(certServer)]));
  return xsuaa;
}
