import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { atEnd } from '../../../support/at-end.ts';

/** Claims of a token; undefined takes a usual one away. */
export type Claims = Readonly<Record<string, unknown>>;

/** A call that reached the stand-in. */
export interface XsuaaCall {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/** Stands in for XSUAA: everybody who comes is logged in at once. Strict about PKCE, client and redirect URI. */
export interface Xsuaa {
  readonly origin: string;
  readonly calls: readonly XsuaaCall[];
  /** Calls of the token endpoint with this grant. */
  grants(grant: string): readonly XsuaaCall[];
  /** Value of VCAP_SERVICES that binds it. */
  readonly binding: object;
  /** What the next tokens say beside the usual. */
  claims: Claims;
  /** Seconds that the next tokens live. */
  lifetime: number;
  /** What /userinfo answers; a status alone is a failure. */
  userinfo: { readonly status: number; readonly body: unknown };
  refreshWorks: boolean;
  /** A token as a machine caller would present it. */
  sign(claims?: Claims): Promise<string>;
  /** The same, signed with a key that is not published. */
  forge(claims?: Claims): Promise<string>;
  /** What such a token says. */
  payload(claims?: Claims): Claims;
  readonly publicPem: string;
}

export const clientId = 'sb-harbour!t7';
export const xsappname = 'harbour!t7';
const clientSecret = 'hush';

interface Begun {
  readonly redirectUri: string;
  readonly challenge: string | null;
}

export async function openXsuaa(): Promise<Xsuaa> {
  const [ours, theirs] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'key-1', use: 'sig', alg: 'RS256' };
  const publicPem = await exportSPKI(ours.publicKey);
  const calls: XsuaaCall[] = [];
  const begun = new Map<string, Begun>();

  const signedBy =
    (key: CryptoKey) =>
    (claims: Claims = {}) =>
      new SignJWT({ ...self.payload(claims) }).setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'JWT' }).sign(key);

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const { authorization } = request.headers;
    calls.push({ path: url.pathname, query: url.searchParams, form, authorization });
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname) {
      case '/token_keys':
        return void json(200, { keys: [jwk] });
      case '/userinfo':
        return void json(self.userinfo.status, self.userinfo.body);
      case '/logout.do':
        return void response.end('bye');
      case '/oauth/authorize': {
        const code = randomUUID();
        const redirectUri = url.searchParams.get('redirect_uri') ?? '';
        begun.set(code, { redirectUri, challenge: url.searchParams.get('code_challenge') });
        const back = new URL(redirectUri);
        back.searchParams.set('code', code);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/oauth/token': {
        const refused = refusalOf(form);
        if (refused !== undefined) return void json(refused === 'invalid_client' ? 401 : 400, { error: refused });
        return void json(200, {
          access_token: await self.sign(),
          refresh_token: `refresh-${randomUUID()}`,
          token_type: 'bearer',
          expires_in: self.lifetime,
        });
      }
      default:
        return void json(404, {});
    }
  });

  function refusalOf(form: URLSearchParams): string | undefined {
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) return 'invalid_client';
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const attempt = begun.get(form.get('code') ?? '');
        begun.delete(form.get('code') ?? '');
        const verifier = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const fits = attempt?.redirectUri === form.get('redirect_uri') && attempt?.challenge === verifier;
        return fits ? undefined : 'invalid_grant';
      }
      case 'refresh_token':
        return self.refreshWorks && form.get('refresh_token')?.startsWith('refresh-') ? undefined : 'invalid_grant';
      case 'password':
        return form.get('username') === 'skipper' && form.get('password') === 'ahoy:1' ? undefined : 'invalid_grant';
      default:
        return 'unsupported_grant_type';
    }
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: Xsuaa = {
    origin,
    calls,
    grants: (grant) => calls.filter(({ form }) => form.get('grant_type') === grant),
    binding: {
      xsuaa: [
        {
          name: 'harbour-uaa',
          label: 'xsuaa',
          tags: ['xsuaa'],
          credentials: {
            url: origin,
            clientid: clientId,
            clientsecret: clientSecret,
            xsappname,
            identityzone: 'pier-zone',
          },
        },
      ],
    },
    claims: {},
    lifetime: 3_600,
    userinfo: { status: 200, body: { user_attributes: { berth: ['7'] } } },
    refreshWorks: true,
    sign: signedBy(ours.privateKey),
    forge: signedBy(theirs.privateKey),
    payload(claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      return {
        iss: `${origin}/oauth/token`,
        aud: [clientId, 'uaa', xsappname],
        sub: 'user-1',
        jti: randomUUID(),
        iat: now,
        exp: now + self.lifetime,
        user_name: 'skipper',
        email: 'skipper@harbour.example',
        given_name: 'Ada',
        family_name: 'Quay',
        scope: ['openid', `${xsappname}.Pilot`],
        cid: clientId,
        zid: 'zone-id-1',
        ...self.claims,
        ...claims,
      };
    },
    publicPem,
  };
  return self;
}
