import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { getCACertificates, rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { trustCertificates } from '../../../src/config/trust-certificates.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const wellKnown = getCACertificates('default');
const [first = '', second = '', third = ''] = rootCertificates;
const directory = workingDirectory({
  'one.pem': second,
  'two.pem': `${second}\n${third}`,
  'text.pem': 'no certificate',
  'empty.pem': '',
  'key.pem': '-----BEGIN PRIVATE KEY-----\nZ2FyYmFnZQ==\n-----END PRIVATE KEY-----\n',
  'garbage.pem': '-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n',
  'half.pem': `${second}\n${third.slice(0, 600)}\n-----END CERTIFICATE-----\n`,
});
const file = (name: string) => path.join(directory, name);

// One well-known root is enough here, and quicker than all.
beforeEach(() => setDefaultCACertificates([first]));
afterAll(() => setDefaultCACertificates(wellKnown));

function trust(files: string | undefined): readonly string[] {
  const problems = new Problems();
  trustCertificates(files, directory, problems);
  return problemLines(problems);
}

/** Fingerprints of what is trusted now, in no order. */
const trusted = () =>
  getCACertificates('default')
    .map((pem) => new X509Certificate(pem).fingerprint256)
    .sort();
const fingerprints = (...pems: string[]) => pems.map((pem) => new X509Certificate(pem).fingerprint256).sort();

describe('further CAs for every outgoing connection (XS_CACERT_PATH)', () => {
  test('are trusted besides the well-known ones', () => {
    expect(trust(file('one.pem'))).toEqual([]);
    expect(trusted()).toEqual(fingerprints(first, second));
  });

  test('all of a bundle', () => {
    expect(trust(file('two.pem'))).toEqual([]);
    expect(trusted()).toEqual(fingerprints(first, second, third));
  });

  test('of several files, separated as PATH is', () => {
    expect(trust([file('one.pem'), file('two.pem')].join(path.delimiter))).toEqual([]);
    expect(trusted()).toEqual(fingerprints(first, second, third));
  });

  test('not set: nothing changes', () => {
    expect(trust(undefined)).toEqual([]);
    expect(trusted()).toEqual(fingerprints(first));
  });

  test('a file that cannot be read refuses the start, each of them', () => {
    expect(trust(['/nowhere/a.pem', '/nowhere/b.pem'].join(path.delimiter))).toEqual([
      'XS_CACERT_PATH: "/nowhere/a.pem" cannot be read (ENOENT); there is no such file; correct the path',
      'XS_CACERT_PATH: "/nowhere/b.pem" cannot be read (ENOENT); there is no such file; correct the path',
    ]);
  });

  test.each(['text.pem', 'empty.pem', 'key.pem', 'garbage.pem', 'half.pem'])(
    'a file without a certificate, or with something that is none, does too, by name: %s',
    (name) => {
      expect(trust(file(name))).toEqual([expect.stringMatching(`^XS_CACERT_PATH: ".*${name}" holds .*must be PEM$`)]);
    },
  );

  test('a path is relative to the working directory (xs-app.md 1.1)', () => {
    expect(trust(['one.pem', './two.pem'].join(path.delimiter))).toEqual([]);
    expect(trusted()).toEqual(fingerprints(first, second, third));
  });
});
