import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyPair } from '../../../src/config/key-store.ts';
import type { AppError } from '../../../src/errors/app-error.ts';
import { buildAssertion } from '../../../src/tokens/saml/build-assertion.ts';
import { makeAssertion } from '../../../src/tokens/saml/make-assertion.ts';
import { signAssertion } from '../../../src/tokens/saml/sign-assertion.ts';
import { destinationOf, profileOf } from '../../unit/tokens/support/destination-of.ts';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';

/**
 * T-60 and T-61: the judge of what we sign is libxml2 with xmlsec1, which share no code with us. Where the binary is
 * missing the stories are skipped, visibly; with PORTUNUS_REQUIRE=all that is a failure.
 */
const installed = spawnSync('xmlsec1', ['--version']).status === 0;
const required = process.env['PORTUNUS_REQUIRE'] === 'all';

test.runIf(required)('xmlsec1 is installed, as PORTUNUS_REQUIRE=all demands', () => {
  expect(installed).toBe(true);
});

const { maker, keyStores } = openKeyPairs({ ship: { commonName: 'Łódź & <ship>' } });
let keyPair: KeyPair;

beforeAll(async () => {
  keyPair = await keyStores.keyPair('ship.p12', 'x');
});

async function destination(more: object = {}) {
  return await destinationOf(
    {
      Authentication: 'OAuth2SAMLBearerAssertion' as const,
      clientKey: 'KEY',
      tokenServiceURL: 'https://api.sf.example/oauth/token',
      audience: 'www.successfactors.com',
      KeyStoreLocation: 'ship.p12',
      KeyStorePassword: 'x',
      ...more,
    },
    { keyStores },
  );
}

async function assertionFor(user: string, more: object = {}): Promise<string> {
  const encoded = await makeAssertion('sfsf', profileOf(await destination(more)), { user_name: user }, Date.now());
  return Buffer.from(encoded, 'base64url').toString('utf8');
}

/** xmlsec1's verdict, by the certificate we give it or by the one in the document, which must be ours. */
function verify(xml: string, key: 'given' | 'embedded' = 'given'): boolean {
  const file = path.join(maker.directory, 'assertion.xml');
  writeFileSync(file, xml);
  const certificate = path.join(maker.directory, 'ship.crt.pem');
  const trust =
    key === 'given' ? ['--pubkey-cert-pem', certificate] : ['--trusted-pem', certificate, '--enabled-key-data', 'x509'];
  const id = ['--id-attr:ID', 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion'];
  return spawnSync('xmlsec1', ['--verify', ...trust, ...id, file]).status === 0;
}

const hostile: [string, string][] = [
  ['markup', `&<>"'`],
  ['the end of a CDATA section', ']]>'],
  ['a comment', 'alice<!-- -->@evil'],
  ['another NameID', '</saml2:NameID><saml2:NameID>admin'],
  ['an entity', '&amp;&#x41;&lol;'],
  ['line ends and tabs', 'a\rb\r\nc\nd\te'],
  ['white space around', '  alice \r'],
  ['right to left', '\u202Eecila\u202C \u05D0\u05DC\u05D9\u05E1'],
  ['beyond the first plane', '\u{1F6A2}\u{20BB7}'],
  ['not normalized', 'e\u0301 \u00E9 \uFB01 \u212B'],
  ['64 KB', 'x&<'.repeat(21_845)],
];

describe.runIf(installed)('xmlsec1 verifies the assertion', () => {
  test.each(hostile)('about a user whose id holds %s', async (_, user) => {
    const xml = await assertionFor(user);
    expect(verify(xml)).toBe(true);
  });

  test.each(hostile)('with %s in every attribute and setting', async (_, text) => {
    const saml = profileOf(await destination());
    const profile = { ...saml, audience: text, recipient: text, authnContextClassRef: text };
    const facts = {
      id: '_1',
      issuer: text,
      sessionIndex: text,
      userId: text,
      attributes: { [text]: [text, text] },
      now: Date.now(),
    };
    expect(verify(await signAssertion(buildAssertion(profile, facts), keyPair, false))).toBe(true);
  });

  test('by the certificate in it, when it is to be included', async () => {
    const xml = await assertionFor('alice', { includeSigningCertificateInSAMLAssertion: 'true' });
    expect(xml).toContain('X509Certificate');
    expect(verify(xml, 'embedded')).toBe(true);
    expect(await assertionFor('alice')).not.toContain('KeyInfo');
  });

  test('and no other one: a changed character is found', async () => {
    const xml = await assertionFor('alice');
    expect(verify(xml)).toBe(true);
    expect(verify(xml.replace('>alice<', '>alicf<'))).toBe(false);
    expect(verify(xml.replace('www.successfactors.com', 'www.successfactors.org'))).toBe(false);
  });

  test('and no other key', async () => {
    const xml = await assertionFor('alice');
    maker.selfSigned('other');
    const other = await signAssertion(xml.replace(/<ds:Signature.*<\/ds:Signature>/s, ''), await load('other'), false);
    expect(verify(other)).toBe(false);
  });
});

async function load(name: string): Promise<KeyPair> {
  maker.write(
    `${name}.pem`,
    ['key', 'crt'].map((part) => readFileSync(path.join(maker.directory, `${name}.${part}.pem`), 'utf8')).join(''),
  );
  return await keyStores.keyPair(`${name}.pem`, undefined);
}

describe.runIf(installed)('the canonical form', () => {
  test.each(hostile)('is what we write, byte for byte, with %s', async (_, text) => {
    const saml = profileOf(await destination());
    const facts = {
      id: '_1',
      issuer: text,
      sessionIndex: text,
      userId: text,
      attributes: { [text]: [text] },
      now: Date.now(),
    };
    const xml = buildAssertion(saml, facts);
    const signed = await signAssertion(xml, keyPair, false);
    // What xmlsec1 digests is the canonical form without the signature; that digest is in the document it accepts.
    const digest = /<ds:DigestValue>([^<]+)</.exec(signed)?.[1];
    expect(digest).toBe(createHash('sha256').update(xml).digest('base64'));
    expect(verify(signed)).toBe(true);
  });
});

test.each(['\0', 'a\x0bb', '\uD800', 'x\uDFFF', '\uFFFE', '\u0085', '\u2028'])(
  '%j is refused rather than signed',
  async (user) => {
    await expect(assertionFor(`alice${user}`)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIAL' }) as AppError,
    );
  },
);
