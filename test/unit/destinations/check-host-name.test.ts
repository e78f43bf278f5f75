import type { PeerCertificate } from 'node:tls';
import { expect, test } from 'vitest';
import { checkHostNameLoosely } from '../../../src/destinations/check-host-name.ts';

const certificate = (...names: string[]) =>
  ({
    subject: { CN: 'nobody' },
    subjectaltname: names.map((name) => `DNS:${name}`).join(', '),
  }) as unknown as PeerCertificate;

test.each([
  ['a.example.com', '*.example.com'],
  ['a.b.c.example.com', '*.example.com'],
  ['A.B.Example.COM', '*.example.com'],
  ['example.com', 'example.com'],
])('%s is good for %s', (host, name) => {
  expect(checkHostNameLoosely(host, certificate('other.test', name))).toBeUndefined();
});

test.each([
  ['example.com', '*.example.com'],
  ['evil-example.com', '*.example.com'],
  ['a.b.com', '*.com'],
  ['a.example.com', '*'],
  ['a.b.example.com', 'a.*.example.com'],
  ['a.b.example.com', '*.*.example.com'],
  ['a.example.com.evil.test', '*.example.com'],
])('%s is not good for %s', (host, name) => {
  expect(checkHostNameLoosely(host, certificate(name))).toBeInstanceOf(Error);
});
