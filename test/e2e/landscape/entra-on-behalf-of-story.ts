import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { assertionType, clientAssertion } from './client-assertion.ts';
import { expectRefusal, type Refusal } from './entra-error.ts';
import { type Fields, postForm } from './post-form.ts';
import { signIn, type Tokens } from './sign-in.ts';

let landscape: Landscape;
/** A key of another service: nobody here has it registered. */
let stranger: RsaKeyPair;
/** For Graph; for this client's own API; of the user who has not consented. */
let tokens: Tokens;
let ownTokens: Tokens;
let otherTokens: Tokens;

const exchange = (change: Fields = {}) =>
  postForm(landscape.entra.tokenUrl, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_id: landscape.entra.client.id,
    client_secret: landscape.entra.client.secret,
    assertion: tokens.id_token,
    requested_token_use: 'on_behalf_of',
    scope: landscape.graph.defaultScope,
    ...change,
  });

/** A token signed by the directory itself, with claims to the row's taste. */
function directoryToken(
  change: Readonly<Record<string, unknown>>,
  key = landscape.keys.directory.keys,
): Promise<string> {
  const claims = { ...decodeJwt(ownTokens.access_token), ...change } as JWTPayload;
  const kid = landscape.keys.directory.thumbprints.x5t;
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(key.privateKey);
}

const now = () => Math.floor(Date.now() / 1000);

async function appOnlyToken(): Promise<string> {
  const { client } = landscape.entra;
  const answer = await postForm(landscape.entra.tokenUrl, {
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
    scope: `${client.appIdUri}/.default`,
  });
  return String(answer.body['access_token']);
}

interface Row {
  readonly row: string;
  readonly defect: string;
  readonly change: () => Fields | Promise<Fields>;
  readonly refusal: Refusal;
}

const rows: readonly Row[] = [
  {
    row: 'H22',
    defect: 'no assertion',
    change: () => ({ assertion: undefined }),
    refusal: [400, 'invalid_request', 900144],
  },
  {
    row: 'H22',
    defect: 'no requested_token_use',
    change: () => ({ requested_token_use: undefined }),
    refusal: [400, 'invalid_request', 900144],
  },
  {
    row: 'H22',
    defect: 'another requested_token_use',
    change: () => ({ requested_token_use: 'x' }),
    refusal: [400, 'invalid_request', 90013],
  },
  { row: 'H22', defect: 'no scope', change: () => ({ scope: undefined }), refusal: [400, 'invalid_request', 900144] },
  {
    row: 'H23',
    defect: "another application's token",
    change: async () => ({ assertion: await directoryToken({ aud: landscape.entra.otherClient.id }) }),
    refusal: [400, 'invalid_grant', 500131],
  },
  {
    row: 'H23',
    defect: 'a token for Graph whose signature is fine',
    change: async () => ({ assertion: await directoryToken({ aud: landscape.graph.resource }) }),
    refusal: [400, 'invalid_grant', 500131],
  },
  {
    row: 'H23',
    defect: 'an App ID URI in another case',
    change: async () => ({ assertion: await directoryToken({ aud: landscape.entra.client.appIdUri.toUpperCase() }) }),
    refusal: [400, 'invalid_grant', 500131],
  },
  {
    row: 'H23',
    defect: 'an audience that is a list',
    change: async () => ({ assertion: await directoryToken({ aud: [landscape.entra.client.id, 'other'] }) }),
    refusal: [400, 'invalid_grant', 500131],
  },
  {
    row: 'H24',
    defect: 'an expired token',
    change: async () => ({ assertion: await directoryToken({ exp: now() - 1 }) }),
    refusal: [400, 'invalid_grant', 500133],
  },
  {
    row: 'H25',
    defect: 'the Graph token of the sign-in',
    change: () => ({ assertion: tokens.access_token }),
    refusal: [400, 'invalid_grant', 50013],
  },
  {
    row: 'H25',
    defect: 'a token changed after signing',
    change: async () => {
      const [head, , signature] = ownTokens.access_token.split('.');
      const [, body] = (await directoryToken({ name: 'Mallory' })).split('.');
      return { assertion: [head, body, signature].join('.') };
    },
    refusal: [400, 'invalid_grant', 50013],
  },
  {
    row: 'H25',
    defect: "a stranger's token under the directory's key id",
    change: async () => ({ assertion: await directoryToken({}, stranger) }),
    refusal: [400, 'invalid_grant', 50013],
  },
  {
    row: 'H25',
    defect: 'a token of another issuer',
    change: async () => ({
      assertion: await directoryToken({ iss: `https://sts.windows.net/${landscape.entra.tenant}/` }),
    }),
    refusal: [400, 'invalid_grant', 50013],
  },
  {
    row: 'A9',
    defect: 'something that is not a JWT',
    change: () => ({ assertion: 'opaque' }),
    refusal: [400, 'invalid_request', 50027],
  },
  {
    row: 'H26',
    defect: 'an app-only token',
    change: async () => ({ assertion: await appOnlyToken() }),
    refusal: [400, 'unauthorized_client', 7000114],
  },
  {
    row: 'H28',
    defect: 'a user who has not consented',
    change: () => ({ assertion: otherTokens.id_token }),
    refusal: [400, 'invalid_grant', 65001],
  },
  {
    row: 'H28',
    defect: 'a permission nobody has consented to',
    change: () => ({ scope: 'https://graph.microsoft.com/Mail.Read' }),
    refusal: [400, 'invalid_grant', 65001],
  },
  {
    row: 'A9',
    defect: 'a permission that does not exist',
    change: () => ({ scope: 'Harbour.Read' }),
    refusal: [400, 'invalid_scope', 70011],
  },
  {
    row: 'A9',
    defect: 'scopes of two resources',
    change: () => ({ scope: `User.Read ${landscape.entra.client.scope}` }),
    refusal: [400, 'invalid_scope', 700022],
  },
  {
    row: 'A9',
    defect: 'an unknown resource',
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
    row: 'A4',
    defect: 'a public client as middle tier',
    change: () => ({ client_id: landscape.entra.publicClient.id, client_secret: undefined }),
    refusal: [401, 'invalid_client', 7000218],
  },
];

/** On-Behalf-Of at the token endpoint. Part of `entra.test.ts`, which starts the landscape once for all its stories. */
export function tellOfOnBehalfOf(running: () => Landscape): void {
  beforeAll(async () => {
    landscape = running();
    stranger = landscape.keys.ias.keys;
    [tokens, ownTokens, otherTokens] = await Promise.all([
      signIn(landscape, users.everywhere),
      signIn(landscape, users.everywhere, { scope: `openid profile ${landscape.entra.client.scope}` }),
      signIn(landscape, users.withoutConsent),
    ]);
  });
  afterEach(() => landscape.hooks.reset());

  describe('on-behalf-of', () => {
    it.each(rows)('$row: refuses $defect', async ({ change, refusal }) => {
      expectRefusal(await exchange(await change()), refusal);
    });

    it('H28: says consent_required as suberror', async () => {
      expect((await exchange({ assertion: otherTokens.id_token })).body).toMatchObject({
        suberror: 'consent_required',
      });
    });

    it('H29: asks for more sign-in with claims as a JSON string, and is content once they come back', async () => {
      const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
      landscape.hooks.entra.setPolicy((question) =>
        question.claims === claims ? { kind: 'allowed' } : { kind: 'mfa-required', claims },
      );
      const refused = await exchange();
      expectRefusal(refused, [400, 'interaction_required', 50076]);
      expect(refused.body).toMatchObject({ suberror: 'basic_action', claims });
      expect((await exchange({ claims })).status).toBe(200);
    });

    it('H29: asks for enrollment', async () => {
      landscape.hooks.entra.setPolicy(() => ({ kind: 'mfa-enrollment-required', claims: '{"access_token":{}}' }));
      expectRefusal(await exchange(), [400, 'interaction_required', 50079]);
    });

    it('H30: refuses the common endpoint', async () => {
      const url = landscape.entra.tokenUrl.replace(landscape.entra.tenant, 'common');
      const fields = {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_id: landscape.entra.client.id,
      };
      expectRefusal(await postForm(url, fields), [400, 'invalid_request', 9001023]);
    });

    it('makes a delegated Graph token of an ID token', async () => {
      const answer = await exchange();
      expect(answer.body).toMatchObject({
        token_type: 'Bearer',
        expires_in: 3599,
        scope: 'https://graph.microsoft.com/User.Read',
      });
      expect(answer.body).not.toHaveProperty('refresh_token');
      const claims = decodeJwt(String(answer.body['access_token']));
      expect(claims).toMatchObject({
        scp: 'User.Read',
        idtyp: 'user',
        oid: users.everywhere.oid,
        appid: landscape.entra.client.id,
      });
      expect(claims).not.toHaveProperty('roles');
      expect(decodeProtectedHeader(String(answer.body['access_token']))).toHaveProperty('nonce');
    });

    it("makes one of an access token for the client's own API, with a client assertion", async () => {
      const change = {
        client_secret: undefined,
        client_assertion_type: assertionType,
        client_assertion: await clientAssertion(landscape),
      };
      const answer = await exchange({ ...change, assertion: ownTokens.access_token });
      expect(decodeJwt(String(answer.body['access_token']))).toMatchObject({ scp: 'User.Read', appidacr: '2' });
    });

    it('takes the App ID URI as audience', async () => {
      const assertion = await directoryToken({ aud: landscape.entra.client.appIdUri });
      expect((await exchange({ assertion })).status).toBe(200);
    });

    it('ignores parameters it does not know', async () => {
      expect((await exchange({ client_info: '1', 'x-client-VER': '3.0.0' })).status).toBe(200);
    });

    it('adds an ID token for openid, and a refresh token for offline_access that works once', async () => {
      const answer = await exchange({ scope: `openid profile offline_access ${landscape.graph.defaultScope}` });
      expect(decodeJwt(String(answer.body['id_token']))).toMatchObject({
        aud: landscape.entra.client.id,
        name: 'Mara Lindqvist',
      });
      const { client } = landscape.entra;
      const refresh = (token: unknown) =>
        postForm(landscape.entra.tokenUrl, {
          grant_type: 'refresh_token',
          client_id: client.id,
          client_secret: client.secret,
          refresh_token: String(token),
        });
      const renewed = await refresh(answer.body['refresh_token']);
      expect(decodeJwt(String(renewed.body['access_token']))).toMatchObject({
        scp: 'User.Read',
        oid: users.everywhere.oid,
      });
      expect(renewed.body['refresh_token']).not.toBe(answer.body['refresh_token']);
      expectRefusal(await refresh(answer.body['refresh_token']), [400, 'invalid_grant', 50173]);
      landscape.hooks.entra.revokeRefreshTokens(users.everywhere);
      expectRefusal(await refresh(renewed.body['refresh_token']), [400, 'invalid_grant', 50173]);
    });

    it('marks the tokens of a client that understands challenges, and lets them live longer', async () => {
      const answer = await exchange({ claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}' });
      expect(answer.body).toMatchObject({ expires_in: 86_399 });
      expect(decodeJwt(String(answer.body['access_token']))).toMatchObject({ xms_cc: ['CP1'] });
    });
  });

  describe('on-behalf-of in a tenant that wants access tokens', () => {
    it('H27: refuses an ID token as assertion', async () => {
      const strict = await startLandscape({ keys: landscape.keys, allowIdTokenAssertion: false });
      try {
        const { id_token: assertion } = await signIn(strict, users.everywhere);
        const answer = await postForm(strict.entra.tokenUrl, {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          client_id: strict.entra.client.id,
          client_secret: strict.entra.client.secret,
          assertion,
          requested_token_use: 'on_behalf_of',
          scope: strict.graph.defaultScope,
        });
        expectRefusal(answer, [400, 'invalid_request', 240002]);
      } finally {
        await strict.stop();
      }
    });
  });
}
