import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { certify, type KeyStore, store } from '../../../demo/landscape/keys/make-keys.ts';
import { users } from '../../../demo/landscape/users.ts';
import type { User } from '../../../src/authorization/principal.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { runRouter } from '../support/spawn-router.ts';
import { openQuay, ownDestinations, type Quay } from '../tokens/support/landscape.ts';

let quay: Quay;
let mara: User;
let base: Readonly<Record<string, string>>;
let env: Readonly<Record<string, string>>;
let stores: {
  readonly registered: KeyStore;
  readonly other: KeyStore;
  readonly expired: KeyStore;
  readonly twin: KeyStore;
};
const fileOf = (name: string) => path.join(quay.workingDirectory, name);

beforeAll(async () => {
  quay = await openQuay();
  mara = await quay.logIn(users.everywhere);
  const { signing } = quay.landscape.successFactors;
  base = (await ownDestinations(quay)).find(({ Name }) => Name === 'successfactors') ?? {};
  const day = 86_400_000;
  const past = { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) };
  stores = {
    registered: signing,
    other: store(certify(await makeRsaKeyPair(), { use: 'signing', commonName: 'other' })),
    expired: store(certify(signing.keys, { use: 'signing', commonName: 'expired', ...past })),
    twin: store(certify(signing.keys, { use: 'signing', commonName: 'twin' })),
  };
  env = Object.fromEntries(
    Object.entries(stores).map(([name, { password }]) => [`${name.toUpperCase()}_PASSWORD`, password]),
  );
  for (const [name, { p12 }] of Object.entries(stores)) writeFileSync(fileOf(`keystores/${name}.p12`), p12);
  const der = new X509Certificate(signing.certificate).raw;
  const { fingerprint, fingerprint256 } = new X509Certificate(signing.certificate);
  const line = der.toString('base64');
  const notations: Readonly<Record<string, string | Buffer>> = {
    'pem.crt': signing.certificate,
    'der.cer': der,
    'one-line.txt': line,
    'many-lines.txt': line.replace(/.{60}/g, '$&\r\n'),
    'metadata.xml': `<md:EntityDescriptor><ds:X509Data><ds:X509Certificate>\n${line.replace(/.{76}/g, '$&\n')}\n</ds:X509Certificate></ds:X509Data></md:EntityDescriptor>`,
    'tagged.txt': `${line}###1a2b3c4d`,
    'colons.txt': fingerprint,
    'openssl.txt': `sha256 Fingerprint=${fingerprint256}\n`,
    'hex.txt': fingerprint.replaceAll(':', '').toLowerCase(),
    'x5t.txt': Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url'),
    'manifest.txt': Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64'),
    'x5t256.txt': Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    'other.crt': stores.other.certificate,
    'other-thumbprint.txt': new X509Certificate(stores.other.certificate).fingerprint,
    'twin.crt': stores.twin.certificate,
    'words.txt': 'the one from last year',
  };
  for (const [name, content] of Object.entries(notations)) writeFileSync(fileOf(name), content);
  writeFileSync(fileOf('token'), mara.token);
});
afterAll(() => quay.close());

/** Another way of the landscape's destination; `undefined` leaves a property out. */
type Variation = Readonly<Record<string, string | undefined>>;
const withStore = (name: keyof typeof stores): Variation => ({
  KeyStoreLocation: `${name}.p12`,
  KeyStorePassword: `\${env:${name.toUpperCase()}_PASSWORD}`,
});

function saml(word: string, variation: Variation, args: readonly string[]) {
  writeFileSync(fileOf('destinations.json'), JSON.stringify([{ ...base, ...variation }]));
  const variables = { ...env, LANDSCAPE_SUCCESSFACTORS_KEYSTORE_PASSWORD: stores.registered.password };
  return runRouter(['saml', word, 'successfactors', ...args], { cwd: quay.workingDirectory, env: variables });
}

describe('portunus saml preview', () => {
  test('shows the assertion without its signature, and where each value comes from', async () => {
    const { status, stdout } = await saml('preview', {}, ['--user', 'token']);
    expect(status).toBe(0);
    expect(stdout).toContain(`emailAddress">${users.everywhere.email}</saml2:NameID>`);
    expect(stdout).toContain('<ds:SignatureValue>…</ds:SignatureValue>');
    expect(stdout).toMatch(/^NameID +\S+ +← claim email \(property userIdSource\)$/m);
    expect(stdout).toMatch(/^Recipient +\S+ +← tokenServiceURL$/m);
    expect(stdout).toMatch(/^encoding +base64url +← default$/m);
  });

  test.each<[string, Variation, object, Readonly<Record<string, readonly [string, string]>>]>([
    [
      'SystemUser, with nobody logged in',
      { SystemUser: 'sfadmin', userIdSource: undefined },
      {},
      { NameID: ['sfadmin', 'property SystemUser'] },
    ],
    [
      'the claim that goes with the format',
      {
        userIdSource: undefined,
        nameIdFormat: undefined,
        assertionIssuer: 'us',
        skipUserUuidInSAMLAttributes: undefined,
      },
      { user_name: 'mara', user_uuid: 'u-7' },
      {
        NameID: ['mara', 'claim user_name (default)'],
        Issuer: ['us', 'property assertionIssuer'],
        'attribute user_uuid': ['u-7', 'claim user_uuid (skipUserUuidInSAMLAttributes leaves it out)'],
      },
    ],
    [
      'an attribute of XSUAA, a fixed one, and a form field of the own',
      { userIdSource: 'personnel', 'samlAttributes.use_username': 'true', 'tokenService.body.company_id': 'elsewhere' },
      { 'xs.user.attributes': { personnel: ['p-9'] } },
      {
        NameID: ['p-9', 'claim xs.user.attributes.personnel (property userIdSource)'],
        'attribute use_username': ['true', 'property samlAttributes.use_username'],
        'form company_id': ['(as configured)', 'property tokenService.body.company_id'],
      },
    ],
  ])('%s', async (_, variation, claims, expected) => {
    writeFileSync(fileOf('claims.json'), JSON.stringify(claims));
    const { status, stdout, stderr } = await saml('preview', variation, ['--user', 'claims.json', '--json']);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
    const { origins } = JSON.parse(stdout) as { origins: { field: string; value: string; from: string }[] };
    const found = Object.fromEntries(origins.map(({ field, value, from }) => [field, [value, from]]));
    expect(found).toMatchObject(expected);
  });

  test('what is signed is what the flow sends: SuccessFactors gives a token for it', async () => {
    const { status, stdout, stderr } = await saml('preview', {}, ['--user', 'token', '--signed']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('ten minutes')]);
    const { tokenUrl, apiKey, companyId } = quay.landscape.successFactors;
    const answer = await fetch(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
        client_id: apiKey,
        company_id: companyId,
        assertion: Buffer.from(stdout.trimEnd()).toString('base64'),
      }),
    });
    expect(answer.status).toBe(200);
  });

  test('the claims that are wanted and missing are named', async () => {
    writeFileSync(fileOf('claims.json'), '{"sub":"x"}');
    const { status, stderr } = await saml('preview', {}, ['--user', 'claims.json']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('has no claim email')]);
    expect(await saml('preview', {}, [])).toMatchObject({ status: 2, stderr: expect.stringContaining('--user FILE') });
    expect(await saml('preview', {}, ['--user', 'words.txt'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('JSON object, or a token'),
    });
  });
});

describe('portunus saml check', () => {
  async function check(variation: Variation, args: readonly string[]) {
    const { status, stdout, stderr } = await saml('check', variation, ['--format', 'json', ...args]);
    if (!stdout.startsWith('{')) throw new Error(stderr);
    const steps: { name: string; outcome: string; told: string; cure?: string }[] =
      JSON.parse(stdout).examinations[0].steps;
    const bad = steps.filter(({ outcome }) => outcome === 'failed' || outcome === 'warning');
    return { status, steps, bad: bad.map(({ name, outcome }) => `${name} ${outcome}`) };
  }

  /** What the landscape, which is strict, really does with it. */
  async function isTaken(variation: Variation): Promise<boolean> {
    const { get } = await quay.read([{ ...base, ...variation }], env);
    const destination = get('successfactors');
    try {
      const credential = await createTokens().obtain(destination, mara);
      return (await quay.call(destination, credential, '/User?$top=1&$format=json')).status === 200;
    } catch {
      return false;
    }
  }

  test.each<[string, Variation, string]>([
    ['as it should be', {}, ''],
    ['another key', withStore('other'), 'registered failed'],
    ['another certificate of the same key', withStore('twin'), 'registered warning'],
    ['another audience', { audience: 'https://www.successfactors.com' }, 'audience failed'],
    ['another API key in apiKey', { apiKey: 'Zm9yZWlnbg' }, 'API key failed'],
    ['no company', { companyId: undefined }, 'company failed'],
    ['an id that is no address, looked up as one', { userIdSource: 'name' }, 'NameID failed'],
  ])('%s: what is said is what SuccessFactors does', async (_, variation, expected) => {
    const [{ status, bad }, taken] = await Promise.all([
      check(variation, ['--user', 'token', '--registered', 'pem.crt']),
      isTaken(variation),
    ]);
    expect(bad.join()).toBe(expected);
    expect([status, taken]).toEqual(expected.endsWith('failed') ? [1, false] : [0, true]);
  });

  test.each<[string, Variation, object | undefined, string]>([
    ['an expired certificate', withStore('expired'), undefined, 'certificate failed'],
    [
      'a user_uuid',
      { skipUserUuidInSAMLAttributes: 'false' },
      { email: 'a@b.example', user_uuid: 'u-1' },
      'user_uuid failed',
    ],
    ['perhaps a user_uuid', { skipUserUuidInSAMLAttributes: 'false' }, undefined, 'user_uuid warning'],
    ['a recipient of the own', { assertionRecipient: 'https://elsewhere.example' }, undefined, 'recipient warning'],
    ['SystemUser', { SystemUser: 'sfadmin' }, undefined, 'NameID warning'],
    ['an address as user id', { nameIdFormat: undefined }, { email: 'a@b.example' }, 'NameID warning'],
    ['XSUAA’s user_id', { userIdSource: 'user_id' }, undefined, 'NameID warning'],
    ['a missing claim', {}, { sub: 'x' }, 'NameID failed'],
    ['a secret', { tokenServiceUser: 'x', tokenServicePassword: 'y' }, undefined, 'token service warning'],
  ])('%s is told', async (_, variation, claims, expected) => {
    if (claims) writeFileSync(fileOf('claims.json'), JSON.stringify(claims));
    const { status, bad } = await check(variation, claims ? ['--user', 'claims.json'] : []);
    expect([status, bad.join()]).toEqual([expected.endsWith('failed') ? 1 : 0, expected]);
  });

  test.each([
    'pem.crt',
    'der.cer',
    'one-line.txt',
    'many-lines.txt',
    'metadata.xml',
    'tagged.txt',
    'colons.txt',
    'openssl.txt',
    'hex.txt',
    'x5t.txt',
    'manifest.txt',
    'x5t256.txt',
  ])('the registered certificate is known again in %s', async (file) => {
    const { steps } = await check({}, ['--registered', file]);
    expect(steps.find(({ name }) => name === 'registered')).toMatchObject({ outcome: 'ok' });
  });

  test.each([
    ['other.crt', 'Unable to verify the signature'],
    ['other-thumbprint.txt', 'Unable to verify the signature'],
    ['words.txt', 'holds no certificate'],
  ])('%s is not it', async (file, why) => {
    const { status, steps } = await check({}, ['--registered', file]);
    expect([status, steps.find(({ name }) => name === 'registered')]).toEqual([
      1,
      expect.objectContaining({ outcome: 'failed', told: expect.stringContaining(why) }),
    ]);
  });

  test('a destination that makes no assertion is told so', async () => {
    const { status, stderr } = await saml('check', { Authentication: 'NoAuthentication' }, []);
    expect([status, stderr]).toEqual([1, expect.stringContaining('no SAML assertion is made')]);
  });
});
