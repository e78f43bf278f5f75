import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { workingDirectory } from '../../support/working-directory.ts';
import { runRouter } from '../support/spawn-router.ts';

const run = (directory: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runRouter(['cert', ...args], { cwd: directory, env });

/** The judge of what is made here, and the maker of what is read. */
const openssl = (directory: string, ...args: string[]) =>
  execFileSync('openssl', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const digest = (algorithm: string, der: Uint8Array) => createHash(algorithm).update(der).digest();

describe('portunus cert new', () => {
  let directory: string;
  let out: string;
  beforeAll(async () => {
    directory = workingDirectory();
    const made = await run(directory, [
      'new',
      'harbour',
      ...['--subject', 'CN=härbour,O=Acme,C=DE', '--days', '90', '--bits', '3072', '--env', '.env'],
    ]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    out = made.stdout;
  });
  const inStores = (...args: string[]) => openssl(path.join(directory, 'keystores'), ...args);
  const password = () =>
    /^HARBOUR_KEYSTORE_PASSWORD=(\S+)$/m.exec(readFileSync(path.join(directory, '.env'), 'utf8'))?.[1] ?? '';

  test('key, certificate and key store belong together, as openssl sees them', () => {
    const opened = inStores('pkcs12', '-in', 'harbour.p12', '-nodes', '-passin', `pass:${password()}`);
    expect(inStores('x509', '-in', 'harbour.crt', '-outform', 'PEM')).toBe(
      /-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\n/.exec(opened)?.[0],
    );
    const keys = ['harbour.key', 'harbour.p12'].map((file) =>
      file === 'harbour.key'
        ? inStores('pkey', '-in', file, '-pubout')
        : execFileSync('openssl', ['pkey', '-pubout'], { input: opened, encoding: 'utf8' }),
    );
    expect(new Set([...keys, inStores('x509', '-in', 'harbour.crt', '-noout', '-pubkey')]).size).toBe(1);
    expect(inStores('verify', '-x509_strict', '-CAfile', 'harbour.crt', '-check_ss_sig', 'harbour.crt')).toContain(
      'OK',
    );
  });

  test('subject, validity and size are those asked for', () => {
    expect(inStores('x509', '-in', 'harbour.crt', '-noout', '-subject', '-nameopt', 'RFC2253,utf8,-esc_msb')).toBe(
      'subject=C=DE,O=Acme,CN=härbour\n',
    );
    const text = inStores('x509', '-in', 'harbour.crt', '-noout', '-text');
    expect(text).toMatch(/Public-Key: \(3072 bit\)[\s\S]*Signature Algorithm: sha256WithRSAEncryption/);
    const { validFrom, validTo } = new X509Certificate(readFileSync(path.join(directory, 'keystores', 'harbour.crt')));
    expect((Date.parse(validTo) - Date.parse(validFrom) - 300_000) / 86_400_000).toBeCloseTo(90, 3);
  });

  test('what to register is told: the line to paste, and the thumbprints in every form', () => {
    const der = execFileSync('openssl', ['x509', '-in', 'harbour.crt', '-outform', 'DER'], {
      cwd: path.join(directory, 'keystores'),
    });
    expect(out.split('\n')).toContain(der.toString('base64'));
    for (const told of [
      `SHA-1     ${digest('sha1', der).toString('hex').toUpperCase()}`,
      `x5t       ${digest('sha1', der).toString('base64url')}`,
      `SHA-256   ${digest('sha256', der).toString('hex').toUpperCase()}`,
      `x5t#S256  ${digest('sha256', der).toString('base64url')}`,
    ])
      expect(out).toContain(told);
  });

  test('only the owner reads the files, and neither key nor password is printed', () => {
    for (const file of ['keystores/harbour.p12', 'keystores/harbour.crt', 'keystores/harbour.key', '.env'])
      expect([file, statSync(path.join(directory, file)).mode & 0o777]).toEqual([file, 0o600]);
    expect(password()).toMatch(/^[\w-]{32}$/);
    expect(out).not.toMatch(/PRIVATE KEY/);
    expect(out).not.toContain(password());
  });

  test('nothing is overwritten without --force', async () => {
    const read = () =>
      readdirSync(path.join(directory, 'keystores')).map((file) =>
        readFileSync(path.join(directory, 'keystores', file), 'latin1'),
      );
    const before = read();
    const refused = await run(directory, ['new', 'harbour']);
    expect(refused).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/harbour\.p12.*--force/) });
    expect(read()).toEqual(before);
    const forced = await run(directory, ['new', 'harbour.p12', '--force', '--json', '--password', 'env:WORD'], {
      WORD: 'wörd',
    });
    expect(forced.status).toBe(0);
    expect(read()).not.toEqual(before);
    const { files, password: told, certificate } = JSON.parse(forced.stdout);
    expect({ files, told }).toEqual({ files: ['harbour.p12', 'harbour.crt', 'harbour.key'], told: undefined });
    expect(inStores('pkcs12', '-in', 'harbour.p12', '-nokeys', '-passin', 'pass:wörd')).toContain('BEGIN CERTIFICATE');
    expect(certificate).toMatchObject({ subject: 'CN=harbour', selfSigned: true, key: 'RSA 2048' });
  });

  test.each([
    [[], 'name one key store'],
    [['../x'], 'cannot be the name of a key store'],
    [['x', '--bits', '512'], '--bits must be one of 2048, 3072, 4096'],
    [['x', '--days', '0'], '--days must be a whole number'],
    [['x', '--subject', 'O=Acme'], 'exactly one CN is needed'],
    [['x', '--password', 'env:NOT_SET'], 'NOT_SET is not set'],
  ])('%j is answered with the usage', async (args, why) => {
    const { status, stderr } = await run(directory, ['new', ...args]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(stderr).toContain('usage: portunus cert new');
  });
});

describe('portunus cert show', () => {
  let directory: string;
  let leaf: X509Certificate;
  beforeAll(() => {
    directory = workingDirectory({ 'keystores/.keep': '' });
    const make = (name: string, ...more: string[]) =>
      openssl(
        directory,
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-days', '9'],
        ...['-keyout', `${name}.key`, '-out', `${name}.crt`, ...more],
      );
    make('quay', '-addext', 'subjectAltName=DNS:quay.example');
    make('other');
    const pack = ['pkcs12', '-export', '-inkey', 'quay.key', '-in', 'quay.crt', '-certfile', 'other.crt'];
    openssl(directory, ...pack, '-passout', 'pass:hush', '-out', 'quay.p12');
    openssl(directory, ...pack, '-passout', 'pass:hush', '-legacy', '-out', 'keystores/old.pfx');
    openssl(directory, 'x509', '-in', 'quay.crt', '-outform', 'DER', '-out', 'quay.der');
    openssl(directory, 'pkcs8', '-topk8', '-in', 'quay.key', '-passout', 'pass:hush', '-out', 'locked.key');
    const text = (name: string) => readFileSync(path.join(directory, name), 'utf8');
    writeFileSync(path.join(directory, 'both.pem'), text('other.crt') + text('quay.crt') + text('locked.key'));
    writeFileSync(path.join(directory, 'torn.pem'), text('other.crt') + text('quay.key'));
    writeFileSync(
      path.join(directory, 'service-key.json'),
      JSON.stringify({ credentials: { certificate: text('quay.crt'), key: text('quay.key') } }, null, 2),
    );
    writeFileSync(path.join(directory, 'notes.txt'), 'nothing to see here');
    execFileSync(
      'keytool',
      [
        ...['-importkeystore', '-srckeystore', 'quay.p12', '-srcstoretype', 'pkcs12', '-srcstorepass', 'hush'],
        ...[
          '-destkeystore',
          'quay.jks',
          '-deststoretype',
          'jks',
          '-deststorepass',
          'hushhush',
          '-destkeypass',
          'hushhush',
        ],
        ...['-srcalias', '1', '-srckeypass', 'hush'],
      ],
      { cwd: directory, stdio: 'ignore' },
    );
    leaf = new X509Certificate(text('quay.crt'));
  }, 60_000);

  test.each([
    ['quay.p12', ['--password', 'hush'], { format: 'PKCS#12', keys: 1, locked: 0, has: [true, false] }],
    ['old.pfx', ['--password', 'hush'], { format: 'PKCS#12', keys: 1, locked: 0, has: [true, false] }],
    ['quay.jks', ['--password', 'hushhush'], { format: 'JKS', keys: 1, locked: 0, has: [true] }],
    ['quay.jks', [], { format: 'JKS', keys: 0, locked: 1, has: [false] }],
    ['quay.der', [], { format: 'DER', keys: 0, locked: 0, has: [false] }],
    ['quay.crt', [], { format: 'PEM', keys: 0, locked: 0, has: [false] }],
    ['both.pem', ['--password', '@word'], { format: 'PEM', keys: 1, locked: 0, has: [true, false] }],
    ['both.pem', [], { format: 'PEM', keys: 0, locked: 1, has: [false, false] }],
    ['service-key.json', [], { format: 'service key', keys: 1, locked: 0, has: [true] }],
  ])('reads %s with %j', async (file, args, expected) => {
    writeFileSync(path.join(directory, 'word'), 'hush\n');
    const { status, stdout, stderr } = await run(directory, ['show', file, '--json', ...args]);
    expect([status, stderr]).toEqual([0, '']);
    const { certificates, ...rest } = JSON.parse(stdout);
    expect({ ...rest, has: certificates.map(({ hasKey }: { hasKey: boolean }) => hasKey) }).toEqual(expected);
    const shown = certificates.find(({ oneLine }: { oneLine: string }) => oneLine === leaf.raw.toString('base64'));
    expect(shown).toMatchObject({
      subject: 'CN=quay',
      daysLeft: 8,
      key: 'RSA 2048',
      subjectAltName: 'DNS:quay.example',
      sha1: { hex: leaf.fingerprint.replaceAll(':', ''), base64: digest('sha1', leaf.raw).toString('base64') },
      sha256: { 'x5t#S256': digest('sha256', leaf.raw).toString('base64url') },
    });
    expect(stdout).not.toContain('PRIVATE KEY');
  });

  test('tells people that it ends soon, and gives the line to paste', async () => {
    expect((await run(directory, ['show', 'quay.crt'])).stdout).toMatch(/expires in 8 days/);
    expect((await run(directory, ['show', 'quay.crt', '--one-line'])).stdout).toBe(`${leaf.raw.toString('base64')}\n`);
  });

  test.each([
    [['torn.pem'], 1, 'not made for each other'],
    [['quay.p12'], 1, 'cannot be opened without a password; give it with --password @FILE or --password env:NAME'],
    [['quay.p12', '--password', 'wrong'], 1, 'cannot be opened with the password given'],
    [['both.pem', '--password', 'wrong'], 1, 'the password does not open the private key'],
    [['notes.txt'], 1, 'holds no certificate and no key'],
    [['none.pem'], 1, 'there is no file'],
    [[], 2, 'usage: portunus cert show'],
  ])('%j ends with %i', async (args, status, why) => {
    const ended = await run(directory, ['show', ...args]);
    expect([ended.status, ended.stdout + ended.stderr]).toEqual([status, expect.stringContaining(why)]);
  });
});
