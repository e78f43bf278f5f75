import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { expectRefusal, type Refusal } from './entra-error.ts';
import { basic, type Fields, postForm, readAnswer } from './post-form.ts';

let landscape: Landscape;

const technical = (): Fields => ({
  grant_type: 'client_credentials',
  client_id: landscape.entra.client.id,
  client_secret: landscape.entra.client.secret,
  scope: landscape.graph.defaultScope,
});

const at = (tenant: string) => landscape.entra.tokenUrl.replace(landscape.entra.tenant, tenant);

interface Row {
  readonly row: string;
  readonly defect: string;
  readonly change: () => Fields;
  readonly url?: () => string;
  readonly refusal: Refusal;
}

const rows: readonly Row[] = [
  {
    row: 'H2',
    defect: 'no grant_type',
    change: () => ({ grant_type: undefined }),
    refusal: [400, 'invalid_request', 900144],
  },
  {
    row: 'H2',
    defect: 'no client_id',
    change: () => ({ client_id: undefined }),
    refusal: [400, 'invalid_request', 900144],
  },
  {
    row: 'H3',
    defect: 'an unknown grant type',
    change: () => ({ grant_type: 'foo' }),
    refusal: [400, 'unsupported_grant_type', 70003],
  },
  {
    row: 'H3',
    defect: 'the password grant, which the tenant does not have',
    change: () => ({ grant_type: 'password' }),
    refusal: [400, 'unsupported_grant_type', 70003],
  },
  {
    row: 'H4',
    defect: 'an unknown tenant',
    change: () => ({}),
    url: () => at('00000000-1111-4222-8333-444444444444'),
    refusal: [400, 'invalid_request', 90002],
  },
  {
    row: 'H4',
    defect: 'an unknown domain',
    change: () => ({}),
    url: () => at('nobody.example.com'),
    refusal: [400, 'invalid_request', 90002],
  },
  {
    row: 'H4',
    defect: 'a tenant that is neither',
    change: () => ({}),
    url: () => at('nobody'),
    refusal: [400, 'invalid_request', 900023],
  },
  {
    row: 'H5',
    defect: 'an unknown client id',
    change: () => ({ client_id: '99999999-1111-4222-8333-444444444444' }),
    refusal: [400, 'unauthorized_client', 700016],
  },
  {
    row: 'H5',
    defect: 'a disabled application',
    change: () => ({ client_id: landscape.entra.disabledClient.id }),
    refusal: [400, 'unauthorized_client', 7000112],
  },
  {
    row: 'H6',
    defect: 'a wrong secret',
    change: () => ({ client_secret: 'guess' }),
    refusal: [401, 'invalid_client', 7000215],
  },
  {
    row: 'H6',
    defect: "the secret's id",
    change: () => ({ client_secret: landscape.entra.client.secretId }),
    refusal: [401, 'invalid_client', 7000215],
  },
  {
    row: 'H7',
    defect: 'an expired secret',
    change: () => ({ client_secret: landscape.entra.client.expiredSecret }),
    refusal: [401, 'invalid_client', 7000222],
  },
  {
    row: 'H8',
    defect: 'no credential',
    change: () => ({ client_secret: undefined }),
    refusal: [401, 'invalid_client', 7000218],
  },
  {
    row: 'H9',
    defect: 'a public client with a secret',
    change: () => ({ client_id: landscape.entra.publicClient.id }),
    refusal: [401, 'invalid_client', 700025],
  },
  {
    row: 'H8',
    defect: 'a public client without a credential',
    change: () => ({ client_id: landscape.entra.publicClient.id, client_secret: undefined }),
    refusal: [401, 'invalid_client', 7000218],
  },
  {
    row: 'H18',
    defect: 'OpenID scopes',
    change: () => ({ scope: 'openid email offline_access' }),
    refusal: [400, 'invalid_scope', 1002012],
  },
  {
    row: 'H18',
    defect: 'a delegated scope',
    change: () => ({ scope: 'User.Read' }),
    refusal: [400, 'invalid_scope', 1002012],
  },
  {
    row: 'H18',
    defect: 'a resource without /.default',
    change: () => ({ scope: landscape.graph.resource }),
    refusal: [400, 'invalid_scope', 1002012],
  },
  { row: 'H2', defect: 'no scope', change: () => ({ scope: undefined }), refusal: [400, 'invalid_request', 900144] },
  {
    row: 'H19',
    defect: 'two resources',
    change: () => ({ scope: `${landscape.graph.defaultScope} ${landscape.entra.client.appIdUri}/.default` }),
    refusal: [400, 'invalid_scope', 700022],
  },
  {
    row: 'H20',
    defect: 'a resource the tenant does not have',
    change: () => ({ scope: 'https://nowhere.example.com/.default' }),
    refusal: [400, 'invalid_resource', 500011],
  },
  {
    row: 'A9',
    defect: 'a resource the registration does not list',
    change: () => ({ scope: 'https://vault.example.com/.default' }),
    refusal: [400, 'invalid_resource', 650057],
  },
  {
    row: 'H21',
    defect: 'a resource parameter',
    change: () => ({ resource: landscape.graph.resource }),
    refusal: [400, 'invalid_request', 901002],
  },
  {
    row: 'H30',
    defect: 'the common endpoint',
    change: () => ({}),
    url: () => at('common'),
    refusal: [400, 'invalid_request', 9001023],
  },
  {
    row: 'H30',
    defect: 'the organizations endpoint',
    change: () => ({}),
    url: () => at('organizations'),
    refusal: [400, 'invalid_request', 50194],
  },
  {
    row: 'A10',
    defect: 'claims in base64',
    change: () => ({ claims: 'eyJhIjoxfQ==' }),
    refusal: [400, 'invalid_request', 90013],
  },
];

/** The token endpoint: what is refused before a grant is looked at, and client credentials. Part of `entra.test.ts`, which starts the landscape once for all its stories. */
export function tellOfTokenEndpoint(running: () => Landscape): void {
  beforeAll(async () => {
    landscape = running();
  });
  afterEach(() => landscape.hooks.reset());

  describe('the token endpoint of the directory', () => {
    it.each(rows)('$row: refuses $defect', async ({ change, url, refusal }) => {
      expectRefusal(await postForm(url?.() ?? landscape.entra.tokenUrl, { ...technical(), ...change() }), refusal);
    });

    it('H1: refuses GET', async () => {
      expectRefusal(await readAnswer(await fetch(landscape.entra.tokenUrl)), [400, 'invalid_request', 900561]);
    });

    it('H2: does not read JSON and says that grant_type is missing', async () => {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(technical()),
      };
      const answer = await readAnswer(await fetch(landscape.entra.tokenUrl, init));
      expectRefusal(answer, [400, 'invalid_request', 900144]);
      expect(answer.body['error_description']).toContain("'grant_type'");
    });

    it('refuses a parameter sent twice, as RFC 6749 3.2 demands', async () => {
      const twice = new URLSearchParams(technical() as Record<string, string>);
      twice.append('scope', 'again');
      expectRefusal(await readAnswer(await fetch(landscape.entra.tokenUrl, { method: 'POST', body: twice })), [
        400,
        'invalid_request',
        90013,
      ]);
    });

    it('refuses two ways of authenticating at once', async () => {
      const { id, secret } = landscape.entra.client;
      expectRefusal(await postForm(landscape.entra.tokenUrl, technical(), basic(id, secret)), [
        400,
        'invalid_request',
        90013,
      ]);
    });

    it('takes Basic credentials only when both parts are form-encoded', async () => {
      const { id, secret } = landscape.entra.client;
      const fields = { ...technical(), client_id: undefined, client_secret: undefined };
      expect(await postForm(landscape.entra.tokenUrl, fields, basic(id, secret))).toMatchObject({ status: 200 });
      const raw = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
      expectRefusal(await postForm(landscape.entra.tokenUrl, fields, raw), [401, 'invalid_client', 7000215]);
    });

    it('H36: throttles with Retry-After when told to', async () => {
      landscape.hooks.entra.setPolicy(() => ({ kind: 'throttled', retryAfterSeconds: 7 }));
      const answer = await postForm(landscape.entra.tokenUrl, technical());
      expectRefusal(answer, [429, 'temporarily_unavailable', 90055]);
      expect(answer.headers.get('retry-after')).toBe('7');
    });

    it('echoes client-request-id as the correlation id', async () => {
      const id = '11111111-2222-4333-8444-555555555555';
      const answer = await postForm(
        landscape.entra.tokenUrl,
        { ...technical(), scope: 'x' },
        { 'client-request-id': id },
      );
      expect(answer.body['correlation_id']).toBe(id);
    });

    it('gives an app-only Graph token with roles, and neither refresh token nor scope', async () => {
      const extras = { 'x-client-SKU': 'msal.js.node', client_info: '1', 'x-ms-lib-capability': 'retry-after, h429' };
      const answer = await postForm(landscape.entra.tokenUrl, { ...technical(), ...extras });
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_in', 'ext_expires_in', 'token_type']);
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
      expect(answer.headers.get('cache-control')).toContain('no-store');
      const claims = decodeJwt(String(answer.body['access_token']));
      expect(claims).toMatchObject({
        idtyp: 'app',
        roles: ['User.Read.All'],
        aud: landscape.graph.resource,
        appidacr: '1',
        ver: '1.0',
      });
      expect(claims).not.toHaveProperty('scp');
      expect(claims['oid']).toBe(claims.sub);
      expect(decodeProtectedHeader(String(answer.body['access_token']))).toHaveProperty('nonce');
    });

    it('gives a token without roles where none were granted', async () => {
      const answer = await postForm(landscape.entra.tokenUrl, {
        ...technical(),
        scope: `${landscape.entra.client.appIdUri}/.default`,
      });
      const claims = decodeJwt(String(answer.body['access_token']));
      expect(claims).toMatchObject({
        idtyp: 'app',
        aud: landscape.entra.client.id,
        ver: '2.0',
        iss: landscape.entra.issuer,
      });
      expect(claims).not.toHaveProperty('roles');
    });
  });
}
