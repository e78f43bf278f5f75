import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPair } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyStoreError } from '../../../src/config/key-store-error.ts';
import { makeCertificate } from '../../../src/config/key-store-forge.ts';
import { createDefaultTrust } from '../../../src/config/key-store-trust.ts';
import { houseName } from '../../../src/config/subject-name.ts';

let workingDirectory: string;
let made: string[];
beforeEach(() => {
  workingDirectory = mkdtempSync(path.join(tmpdir(), 'portunus-trust-'));
  made = [];
});
afterEach(() => rmSync(workingDirectory, { recursive: true, force: true }));

const generate = promisify(generateKeyPair);
/** A key pair like those of the house, but short: strong ones are made for half a second each. */
async function shortPair(commonName: string): Promise<string> {
  const { privateKey } = await generate('rsa', { modulusLength: 1024 });
  const [notBefore, notAfter] = [new Date(Date.now() - 1_000), new Date(Date.now() + 86_400_000)];
  const certificate = await makeCertificate({ privateKey, subject: houseName(commonName), notBefore, notAfter });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) + certificate;
}

const onMade = (file: string) => made.push(file);
const open = (make = shortPair) => createDefaultTrust(workingDirectory, onMade, make);
const inFolder = (name: string) => path.join(workingDirectory, '.portunus', 'trust', name);
const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('a key pair of the house', () => {
  test('is made on first need, told of once, and kept', async () => {
    const trust = open();
    expect(await trust.pairs()).toEqual({ active: undefined, passive: undefined });
    const first = await trust.active();
    expect(await trust.active()).toBe(first);
    expect((await open().active()).fingerprint).toBe(first.fingerprint);
    expect(made).toEqual([path.join('.portunus', 'trust', 'certificate.pem')]);
  });

  test('is readable by its owner only; what may be handed out lies beside it', async () => {
    const { chain } = await open().active();
    expect(mode(inFolder('key-pairs.json'))).toBe('600');
    expect(mode(inFolder('.'))).toBe('700');
    expect(readFileSync(inFolder('certificate.pem'), 'utf8')).toBe(chain[0]);
    for (const name of ['certificate.pem', 'metadata.xml'])
      expect(readFileSync(inFolder(name), 'utf8')).not.toContain('PRIVATE');
    expect(readdirSync(inFolder('.')).sort()).toEqual(['certificate.pem', 'key-pairs.json', 'metadata.xml']);
    expect(readFileSync(path.join(workingDirectory, '.portunus', '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('is one, however many ask at once, in this process or in others', async () => {
    const trusts = Array.from({ length: 4 }, () => open());
    const pairs = await Promise.all([...trusts, ...trusts].map((trust) => trust.active()));
    expect(new Set(pairs.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(made).toHaveLength(1);
  });

  test('has a certificate that openssl accepts: RSA 3072, SHA-256, two years, for signatures only', async () => {
    const pair = await createDefaultTrust(workingDirectory, onMade).active();
    const file = inFolder('certificate.pem');
    expect(openssl('verify', '-CAfile', file, file)).toContain('OK');
    const text = openssl('x509', '-in', file, '-noout', '-text');
    expect(text).toContain('Public-Key: (3072 bit)');
    expect(text).toContain('sha256WithRSAEncryption');
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toContain('CA:FALSE');
    expect(pair.commonName).toMatch(/^portunus\/[0-9a-f-]{36}$/);
    const years = (Date.parse(pair.certificate.validTo) - Date.now()) / (365 * 86_400_000);
    expect(years).toBeGreaterThan(1.99);
    expect(years).toBeLessThanOrEqual(2);
    expect(createPublicKey(pair.pem.key).equals(pair.certificate.publicKey)).toBe(true);
  });
});

describe('rotation, so that no target is shown a signature it cannot verify', () => {
  test('a passive pair is made beside the active one, under the same name, and both are in the metadata', async () => {
    const trust = open();
    const active = await trust.active();
    const passive = await trust.prepare();
    expect(passive.fingerprint).not.toBe(active.fingerprint);
    expect(passive.commonName).toBe(active.commonName);
    expect((await trust.active()).fingerprint).toBe(active.fingerprint);
    const told = [...(await trust.metadata()).matchAll(/<ds:X509Certificate>([^<]+)</g)].map(([, text]) => text);
    const both = [active, passive].map(({ certificate }) => certificate.raw.toString('base64'));
    expect(told, 'for each of the two roles').toEqual([...both, ...both]);
  });

  test('then they change places, and back', async () => {
    const trust = open();
    const [active, passive] = [await trust.active(), await trust.prepare()];
    const rotated = await trust.rotate();
    expect(rotated.active?.fingerprint).toBe(passive.fingerprint);
    expect(rotated.passive?.fingerprint).toBe(active.fingerprint);
    expect((await trust.active()).fingerprint).toBe(passive.fingerprint);
    expect(readFileSync(inFolder('certificate.pem'), 'utf8')).toBe(passive.chain[0]);
    expect((await open().rotate()).active?.fingerprint).toBe(active.fingerprint);
    expect(mode(inFolder('key-pairs.json'))).toBe('600');
  });

  test('the old one can be discarded; without a passive one there is nothing to rotate to', async () => {
    const trust = open();
    await trust.active();
    await trust.prepare();
    await trust.discard();
    await trust.discard();
    expect((await trust.pairs()).passive).toBeUndefined();
    await expect(trust.rotate()).rejects.toThrow(/no passive key pair to rotate to/);
  });

  test('a renewed active pair takes effect at once and keeps the name and the passive pair', async () => {
    const trust = open();
    const [active, passive] = [await trust.active(), await trust.prepare()];
    const renewed = await trust.renew();
    expect(renewed.fingerprint).not.toBe(active.fingerprint);
    expect(renewed.commonName).toBe(active.commonName);
    expect(await trust.active()).toMatchObject({ fingerprint: renewed.fingerprint });
    expect((await trust.pairs()).passive?.fingerprint).toBe(passive.fingerprint);
  });

  test('changes asked for at once come one after the other', async () => {
    const trust = open();
    const [active, passive] = [await trust.active(), await trust.prepare()];
    await Promise.all([trust.rotate(), trust.rotate(), trust.rotate()]);
    const left = await trust.pairs();
    expect([left.active?.fingerprint, left.passive?.fingerprint]).toEqual([passive.fingerprint, active.fingerprint]);
  });
});

describe('two processes that share the folder', () => {
  test('sign with the same key right after either has rotated or renewed', async () => {
    const [router, command] = [open(), open()];
    await router.active();
    const passive = await command.prepare();
    await command.rotate();
    expect((await router.active()).fingerprint).toBe(passive.fingerprint);
    expect(router.latest()?.fingerprint).toBe(passive.fingerprint);
    expect(await router.metadata()).toBe(await command.metadata());
    const renewed = await router.renew();
    expect(router.latest()?.fingerprint).toBe(renewed.fingerprint);
    expect((await command.active()).fingerprint).toBe(renewed.fingerprint);
  });

  test('do not undo what the other did while a key was being made', async () => {
    const command = open();
    await command.prepare();
    const before = await command.pairs();
    const router = open(async (commonName) => {
      await command.rotate();
      return shortPair(commonName);
    });
    const renewed = await router.renew();
    const after = await command.pairs();
    expect(after.active?.fingerprint).toBe(renewed.fingerprint);
    expect(after.passive?.fingerprint).toBe(before.active?.fingerprint);
  });

  test('the one that runs goes on signing while the file is gone or damaged', async () => {
    const trust = open();
    const active = await trust.active();
    writeFileSync(inFolder('key-pairs.json'), 'half a fi');
    expect(await trust.active()).toBe(active);
    rmSync(inFolder('key-pairs.json'));
    expect(await trust.active()).toBe(active);
  });

  test('a passive pair asked for first comes with an active one', async () => {
    const trust = open();
    const passive = await trust.prepare();
    expect((await open().pairs()).passive?.fingerprint).toBe(passive.fingerprint);
    expect((await open().active()).commonName).toBe(passive.commonName);
  });
});

describe('metadata', () => {
  test('names the issuer of the assertions', async () => {
    const trust = open();
    const { commonName } = await trust.active();
    expect(await trust.metadata()).toContain(`entityID="${commonName}"`);
    expect(readFileSync(inFolder('metadata.xml'), 'utf8')).toBe(await trust.metadata());
  });

  test('there is none while there is no pair, and none is made for it', async () => {
    await expect(open().metadata()).rejects.toThrow(/has no key pair yet/);
    expect(await open().pairs()).toEqual({ active: undefined, passive: undefined });
  });
});

describe('what cannot be used is explained, and never overwritten', () => {
  test.each(['no JSON', '{"active":7}', '[]'])('a damaged file: %s', async (text) => {
    await open().active();
    writeFileSync(inFolder('key-pairs.json'), text);
    await expect(open().active()).rejects.toThrow(/key-pairs\.json is damaged; restore it/);
    expect(readFileSync(inFolder('key-pairs.json'), 'utf8')).toBe(text);
  });

  test('a damaged key', async () => {
    await open().active();
    writeFileSync(inFolder('key-pairs.json'), '{"active":"x"}');
    await expect(open().active()).rejects.toThrow(KeyStoreError);
  });

  test('a folder that cannot be written to', async () => {
    writeFileSync(path.join(workingDirectory, '.portunus'), 'a file in the way');
    await expect(open().active()).rejects.toThrow(/key-pairs\.json cannot be (read|written) \(ENOTDIR\)/);
  });
});
