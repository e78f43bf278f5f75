import { createHash } from 'node:crypto';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { certify } from '../../../demo/landscape/keys/make-keys.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { assertionType, clientAssertion } from './client-assertion.ts';
import { expectRefusal, type Refusal } from './entra-error.ts';
import { type Fields, postForm } from './post-form.ts';

let landscape: Landscape;
/** A key of another service: nobody here has it registered. */
let stranger: RsaKeyPair;

const present = (assertion: string, change: Fields = {}) =>
  postForm(landscape.entra.tokenUrl, {
    grant_type: 'client_credentials',
    client_id: landscape.entra.client.id,
    client_assertion_type: assertionType,
    client_assertion: assertion,
    scope: landscape.graph.defaultScope,
    ...change,
  });

const thumbprints = () => landscape.entra.client.certificate.thumbprints;
const now = () => Math.floor(Date.now() / 1000);
const none = { 'x5t#S256': undefined };
const notFound: Refusal = [401, 'invalid_client', 700027];

const wrong: readonly {
  readonly row: string;
  readonly defect: string;
  readonly make: () => Promise<string>;
  readonly refusal: Refusal;
}[] = [
  {
    row: 'H10',
    defect: 'the thumbprint of a certificate that is not registered',
    make: () => {
      const { thumbprints: foreign } = certify(stranger, { use: 'signing', commonName: 'stranger' });
      return clientAssertion(landscape, { header: { 'x5t#S256': foreign.x5tS256 }, keys: stranger });
    },
    refusal: notFound,
  },
  {
    row: 'H10',
    defect: 'an x5t made from the hex text (vector G1)',
    make: () => {
      const hexText = Buffer.from(thumbprints().sha1Hex.toLowerCase()).toString('base64url');
      return clientAssertion(landscape, { header: { ...none, x5t: hexText } });
    },
    refusal: notFound,
  },
  {
    row: 'H10',
    defect: 'a SHA-256 digest in x5t',
    make: () => clientAssertion(landscape, { header: { ...none, x5t: thumbprints().x5tS256 } }),
    refusal: notFound,
  },
  {
    row: 'H11',
    defect: 'a registered thumbprint but another key',
    make: () => clientAssertion(landscape, { keys: stranger }),
    refusal: [401, 'invalid_client', 700027],
  },
  {
    row: 'H11',
    defect: 'claims changed after signing',
    make: async () => {
      const [head, , signature] = (await clientAssertion(landscape)).split('.');
      const [, body] = (await clientAssertion(landscape, { claims: { exp: now() + 86_400 } })).split('.');
      return [head, body, signature].join('.');
    },
    refusal: [401, 'invalid_client', 700027],
  },
  {
    row: 'H12',
    defect: 'a header that names no key',
    make: () => clientAssertion(landscape, { header: none }),
    refusal: [401, 'invalid_client', 5002723],
  },
  {
    row: 'H13',
    defect: 'an expired assertion',
    make: () => clientAssertion(landscape, { claims: { nbf: now() - 900, exp: now() - 301 } }),
    refusal: [401, 'invalid_client', 700024],
  },
  {
    row: 'H13',
    defect: 'an assertion of the future',
    make: () => clientAssertion(landscape, { claims: { nbf: now() + 330, exp: now() + 900 } }),
    refusal: [401, 'invalid_client', 700024],
  },
  {
    row: 'H13',
    defect: 'an assertion without end',
    make: () => clientAssertion(landscape, { claims: { exp: undefined } }),
    refusal: [401, 'invalid_client', 700024],
  },
  {
    row: 'H14',
    defect: 'the issuer as audience',
    make: () => clientAssertion(landscape, { claims: { aud: landscape.entra.issuer } }),
    refusal: [401, 'invalid_client', 700023],
  },
  {
    row: 'H14',
    defect: 'the token URL of v1 as audience',
    make: () => clientAssertion(landscape, { claims: { aud: landscape.entra.tokenUrl.replace('/v2.0', '') } }),
    refusal: [401, 'invalid_client', 700023],
  },
  {
    row: 'H14',
    defect: 'the token URL of another tenant as audience',
    make: () =>
      clientAssertion(landscape, {
        claims: { aud: landscape.entra.tokenUrl.replace(landscape.entra.tenant, 'common') },
      }),
    refusal: [401, 'invalid_client', 700023],
  },
  {
    row: 'H15',
    defect: 'two audiences',
    make: () => clientAssertion(landscape, { claims: { aud: [landscape.entra.tokenUrl, landscape.entra.issuer] } }),
    refusal: [401, 'invalid_client', 5002741],
  },
  {
    row: 'H16',
    defect: 'a subject that is not the issuer',
    make: () => clientAssertion(landscape, { claims: { sub: landscape.entra.otherClient.id } }),
    refusal: [401, 'invalid_client', 50048],
  },
  {
    row: 'A5',
    defect: "another application's assertion",
    make: () =>
      clientAssertion(landscape, {
        claims: { iss: landscape.entra.otherClient.id, sub: landscape.entra.otherClient.id },
      }),
    refusal: [401, 'invalid_client', 700021],
  },
  {
    row: 'H17',
    defect: 'HS256 keyed with the certificate',
    make: () =>
      new SignJWT({
        iss: landscape.entra.client.id,
        sub: landscape.entra.client.id,
        aud: landscape.entra.tokenUrl,
        exp: now() + 60,
      })
        .setProtectedHeader({ alg: 'HS256', 'x5t#S256': thumbprints().x5tS256 })
        .sign(Buffer.from(landscape.entra.client.certificate.certificate)),
    refusal: [401, 'invalid_client', 700027],
  },
  {
    row: 'H17',
    defect: 'alg none',
    make: async () => new UnsecuredJWT({ iss: landscape.entra.client.id }).encode(),
    refusal: [401, 'invalid_client', 700027],
  },
  {
    row: 'H17',
    defect: 'RS512',
    make: () => clientAssertion(landscape, { header: { alg: 'RS512' } }),
    refusal: [401, 'invalid_client', 700027],
  },
  {
    row: 'A9',
    defect: 'something that is not a JWT',
    make: async () => 'not.a.jwt',
    refusal: [400, 'invalid_request', 50027],
  },
];

const accepted: readonly { readonly form: string; readonly header: () => Record<string, unknown> }[] = [
  { form: 'PS256 with x5t#S256, as documented', header: () => ({}) },
  { form: 'RS256 with x5t, the older form', header: () => ({ ...none, alg: 'RS256', x5t: thumbprints().x5t }) },
  {
    form: 'x5t in padded standard base64, as seen live',
    header: () => ({ ...none, alg: 'RS256', x5t: Buffer.from(thumbprints().x5t, 'base64url').toString('base64') }),
  },
  { form: 'kid = SHA-1 in upper-case hex', header: () => ({ ...none, kid: thumbprints().sha1Hex }) },
  { form: 'kid = SHA-1 in lower-case hex', header: () => ({ ...none, kid: thumbprints().sha1Hex.toLowerCase() }) },
  { form: 'kid = the key id of the registration', header: () => ({ ...none, kid: landscape.entra.client.keyId }) },
  { form: 'x5t#S256 and kid together', header: () => ({ kid: thumbprints().sha1Hex }) },
];

/** Client assertions at the token endpoint. Part of `entra.test.ts`, which starts the landscape once for all its stories. */
export function tellOfClientAssertions(running: () => Landscape): void {
  beforeAll(async () => {
    landscape = running();
    stranger = landscape.keys.ias.keys;
  });
  afterEach(() => landscape.hooks.reset());

  describe('client assertions', () => {
    it.each(wrong)('$row: refuses $defect', async ({ make, refusal }) => {
      expectRefusal(await present(await make()), refusal);
    });

    it.each(accepted)('accepts $form', async ({ header }) => {
      const answer = await present(await clientAssertion(landscape, { header: header() }));
      expect(answer.body).toMatchObject({ token_type: 'Bearer' });
      expect(decodeJwt(String(answer.body['access_token']))).toMatchObject({ appidacr: '2' });
    });

    it('H10: shows the thumbprint that was not found, in hex', async () => {
      const digest = createHash('sha1').update('something else').digest();
      const answer = await present(
        await clientAssertion(landscape, { header: { ...none, x5t: digest.toString('base64url') } }),
      );
      expect(answer.body['error_description']).toContain(digest.toString('hex').toUpperCase());
    });

    it('accepts the same assertion again, since MSAL keeps one until it ends', async () => {
      const assertion = await clientAssertion(landscape);
      expect((await present(assertion)).status).toBe(200);
      expect((await present(assertion)).status).toBe(200);
    });

    it('forgives five minutes of clock difference', async () => {
      const late = await clientAssertion(landscape, { claims: { nbf: now() - 600, exp: now() - 280 } });
      expect((await present(late)).status).toBe(200);
    });

    it('needs the assertion type', async () => {
      const assertion = await clientAssertion(landscape);
      expectRefusal(await present(assertion, { client_assertion_type: undefined }), [400, 'invalid_request', 900144]);
      expectRefusal(await present(assertion, { client_assertion_type: 'urn:other' }), [400, 'invalid_request', 90013]);
    });
  });
}
