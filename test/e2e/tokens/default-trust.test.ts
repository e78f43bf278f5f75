import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/trust.ts';
import { createKeyStores } from '../../../src/config/key-store.ts';
import { createDefaultTrust, type DefaultTrust } from '../../../src/config/key-store-trust.ts';
import type { DestinationOf } from '../../../src/destinations/destination.ts';
import { makeAssertion } from '../../../src/tokens/saml/make-assertion.ts';
import { askedTokens } from '../../unit/tokens/support/asked.ts';
import { destinationOf, parse, profileOf } from '../../unit/tokens/support/destination-of.ts';
import { userWith } from '../../unit/tokens/support/principal-of.ts';

/** A destination without a key store signs with the house's own key, and a target that has read the metadata believes it. */
let workingDirectory: string;
let trust: DefaultTrust;
beforeEach(() => {
  workingDirectory = mkdtempSync(path.join(tmpdir(), 'portunus-default-trust-'));
  trust = createDefaultTrust(workingDirectory, () => undefined);
});
afterEach(() => rmSync(workingDirectory, { recursive: true, force: true }));

const raw = {
  Authentication: 'OAuth2SAMLBearerAssertion' as const,
  clientKey: 'KEY',
  tokenServiceURL: 'https://api.sf.example/oauth/token',
  audience: 'www.successfactors.com',
};
const keyStores = createKeyStores('/nowhere');

/** Reads the configuration anew, as a start does, and makes an assertion. */
async function assertion(): Promise<string> {
  const destination = await destinationOf(raw, { keyStores, defaultTrust: trust });
  const encoded = await makeAssertion('sfsf', profileOf(destination), { user_name: 'alice' }, Date.now());
  return Buffer.from(encoded, 'base64url').toString('utf8');
}

/** A destination that was read once makes an assertion, now. */
async function sign(destination: DestinationOf<'OAuth2SAMLBearerAssertion'>): Promise<string> {
  const encoded = await makeAssertion('sfsf', profileOf(destination), { user_name: 'alice' }, Date.now());
  return Buffer.from(encoded, 'base64url').toString('utf8');
}

async function runTrust(word: string): Promise<string> {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  expect(await run({ workingDirectory, args: [word], write })).toBe(0);
  return written;
}

/** A service provider that knows the issuer by its metadata alone. */
async function receive(xml: string, metadata: string) {
  const idpCert = [...metadata.matchAll(/<ds:X509Certificate>([^<]+)</g)].map(([, text = '']) => text);
  const provider = new SAML({
    callbackUrl: raw.tokenServiceURL,
    idpCert,
    issuer: 'service-provider',
    audience: raw.audience,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${raw.tokenServiceURL}"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${xml}</samlp:Response>`;
  const { profile } = await provider.validatePostResponseAsync({
    SAMLResponse: Buffer.from(response).toString('base64'),
  });
  return profile;
}

describe('the default trust', () => {
  test('signs where no key store is named; the issuer is the name in the metadata', async () => {
    const profile = await receive(await assertion(), await trust.metadata());
    expect(profile).toMatchObject({ nameID: 'alice', issuer: (await trust.active()).commonName });
    expect(await trust.metadata()).toContain(`entityID="${profile?.issuer}"`);
  });

  test('rotates without a moment in which a target that was told in time refuses', async () => {
    await assertion();
    await trust.prepare();
    const registered = await trust.metadata();
    const before = await assertion();
    await trust.rotate();
    const after = await assertion();
    expect(await receive(before, registered)).toMatchObject({ nameID: 'alice' });
    expect(await receive(after, registered)).toMatchObject({ nameID: 'alice' });
  });

  test('a key that was renewed at once is not believed by who knows the old one', async () => {
    await assertion();
    const registered = await trust.metadata();
    await trust.renew();
    await expect(receive(await assertion(), registered)).rejects.toThrow(/signature/i);
  });

  test('rotated by another process, signs with the new key at once: no start, no reading anew', async () => {
    const destination = await destinationOf(raw, { keyStores, defaultTrust: trust });
    const told = await runTrust('prepare');
    expect((await runTrust('certificate')).match(/-----BEGIN/g)).toHaveLength(2);
    expect(told).toContain('portunus trust rotate');
    const old = await trust.metadata();
    expect(await receive(await sign(destination), old)).toMatchObject({ nameID: 'alice' });
    await runTrust('rotate');
    await runTrust('discard');
    const registered = await runTrust('metadata');
    expect(registered).toBe(await trust.metadata());
    expect(new Set(registered.match(/<ds:X509Certificate>[^<]+/g)).size, 'certificates').toBe(1);
    expect(await receive(await sign(destination), registered)).toMatchObject({ nameID: 'alice' });
  });

  test('once rotated, no token got with the old key is served', async () => {
    const destination = await destinationOf(raw, { keyStores, defaultTrust: trust });
    const { tokens, asked } = askedTokens();
    const alice = userWith('login', { user_name: 'alice' });
    await tokens.obtain(destination, alice);
    await tokens.obtain(destination, alice);
    expect(asked).toHaveLength(1);
    await trust.renew();
    await tokens.obtain(destination, alice);
    expect(asked).toHaveLength(2);
  });

  test('another key is another destination, so that no token of the old one is served', async () => {
    const read = async () => (await destinationOf(raw, { keyStores, defaultTrust: trust })).fingerprint;
    const before = await read();
    await trust.renew();
    expect(await read()).not.toBe(before);
  });

  test('that cannot be had is a problem of the destination', async () => {
    writeFileSync(path.join(workingDirectory, '.portunus'), 'a file in the way');
    const { problems } = await parse({ Name: 'sfsf', URL: 'https://sf.example', ...raw }, { defaultTrust: trust });
    expect(problems).toEqual([
      expect.stringContaining('d.json/0/KeyStoreLocation: is missing, and the default trust cannot be used'),
    ]);
  });

  const installed = spawnSync('xmlsec1', ['--version']).status === 0;
  test.runIf(installed)('is believed by xmlsec1 with the certificate that lies ready to be registered', async () => {
    const file = path.join(workingDirectory, 'assertion.xml');
    writeFileSync(file, await assertion());
    const key = ['--pubkey-cert-pem', path.join(workingDirectory, '.portunus', 'trust', 'certificate.pem')];
    const id = ['--id-attr:ID', 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion'];
    expect(spawnSync('xmlsec1', ['--verify', ...key, ...id, file]).status).toBe(0);
  });
});
