import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openRouter, type Router } from '../e2e/approuter/support/open-router.ts';
import { ask } from '../e2e/support/ask.ts';
import { workingDirectory } from '../support/working-directory.ts';
import { openWire } from './support/wire.ts';

/**
 * T-06. approuter 14.4.1, 14.4.3, 22.0.2 and 23.0 each closed another way out of `localDir`: several encodings, Unicode
 * look-alikes, backslashes.
 *
 * What must hold: nothing above the static folder is ever served, however it is spelled, and no link leads out of the
 * working directory. The canary next to it stays where it is.
 */
const canary = 'the canary is out';
let router: Router;
beforeAll(async () => {
  const outside = workingDirectory({ 'canary.txt': canary });
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/files/(.*)$', target: '$1', localDir: 'web' },
        { source: '^/filled/(.*)$', target: '$1', localDir: 'web', replace: { pathSuffixes: ['.txt'] } },
      ],
    },
    files: {
      'web/here.txt': 'here',
      'canary.txt': canary,
      'web/.hidden': canary,
      'web-2/canary.txt': canary,
      'default-env.json': '{}',
    },
    prepare(directory) {
      symlinkSync(outside, path.join(directory, 'web', 'away'));
      symlinkSync(path.join(outside, 'canary.txt'), path.join(directory, 'web', 'away.txt'));
      symlinkSync('/etc/passwd', path.join(directory, 'web', 'passwd.txt'));
      writeFileSync(path.join(directory, 'web', 'a b.txt'), 'blank');
    },
  });
});

const ups = [
  '..',
  '%2e%2e',
  '%2E%2E',
  '.%2e',
  '%2e.',
  '%252e%252e',
  '%25252e%25252e',
  '%2525252e%2525252e',
  '..;',
  '%2e%2e;',
  '..;a=b',
  '%c0%ae%c0%ae',
  '%c1%9c',
  '%e0%80%ae%e0%80%ae',
  '%f0%80%80%ae%f0%80%80%ae',
  '%e2%80%a5',
  '%ef%bc%8e%ef%bc%8e',
  '%ef%bd%a1%ef%bd%a1',
  '%e3%80%82%e3%80%82',
  '..%20',
  '%20..',
  '..%09',
  '..%00',
  '%00..',
  '..%0d',
  '....',
  '...',
  '. .',
  '%u002e%u002e',
  '%%32%65%%32%65',
];
const seps = ['/', '%2f', '%252f', '\\', '%5c', '%255c', '%c0%af', '%e2%88%95', '%ef%bc%8f', '%e2%81%84', '//', '/./'];
const targets = ups.flatMap((up) => seps.map((sep) => `${up}${sep}canary.txt`));
const others = [
  'away/canary.txt',
  'away.txt',
  'passwd.txt',
  '.hidden',
  '%2ehidden',
  './.hidden',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  '//etc/passwd',
  'file:///etc/passwd',
  'C:%5ccanary.txt',
  '%00',
  'here.txt%00.png',
  'here.txt/../../canary.txt',
  '..-2/canary.txt',
  '../web-2/canary.txt',
  'here.txt/',
  'here.txt/.',
  '~root/.bashrc',
  'CON',
  'here.txt::$DATA',
  '%ff%fe',
  '%',
  '%2',
  '../default-env.json',
  '..%2fxs-app.json',
];

test(`${(targets.length + others.length) * 2} spellings of a way out end at 400 or 404`, async () => {
  const seen = await Promise.all(
    ['/files/', '/filled/'].flatMap((prefix) =>
      [...targets, ...others].map(async (rest) => {
        const { status, text } = await ask(router.origin, prefix + rest.replaceAll(' ', '%20'));
        return {
          rest: prefix + rest,
          status,
          leaks: text.includes(canary) || text.includes('root:') || text.includes('routes'),
        };
      }),
    ),
  );
  expect(seen.filter(({ status, leaks }) => leaks || ![400, 404].includes(status))).toEqual([]);
});

test('raw bytes that lax readers take for dots are refused', async () => {
  for (const dots of ['\xc0\xae\xc0\xae', '\xef\xbc\x8e\xef\xbc\x8e', '\xe2\x80\xa5', '\x2e\x2e']) {
    const wire = await openWire(router.port);
    wire.send(`GET /files/${dots}/canary.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await wire.closed(2_000);
    expect(wire.heard()).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(wire.heard()).not.toContain(canary);
  }
});

test('what is there is served', async () => {
  expect((await ask(router.origin, '/files/here.txt')).text).toBe('here');
  expect((await ask(router.origin, '/files/a%20b.txt')).text).toBe('blank');
});
