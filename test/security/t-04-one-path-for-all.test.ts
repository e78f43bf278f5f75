import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-04. Pomerium judged one path and Envoy routed another (CVE-2021-39206; CVE-2023-33189, 10.0): each had normalized it
 * in its own way.
 *
 * What must hold, as a property over random targets: there is one text of a path. What routes and policies were matched
 * with is, byte by byte, what the backend gets; or the request is refused.
 */
let gate: Gate;
const route = (name: string, more: object) => ({
  source: `^/${name}/`,
  destination: name,
  csrfProtection: false,
  ...more,
});
beforeAll(async () => {
  gate = await openGate(({ origin }) => ({
    xsApp: {
      routes: [
        route('open', { authenticationType: 'none' }),
        route('quay', {}),
        { source: '^/cut/(.*)$', target: '/base/$1', destination: 'open', authenticationType: 'none' },
      ],
    },
    env: {
      destinations: [
        { name: 'open', url: origin },
        { name: 'quay', url: origin },
      ],
    },
  }));
});

const piece = fc.constantFrom(
  '.',
  '..',
  '%2e',
  '%2E',
  '%252e',
  '/',
  '%2f',
  '%252f',
  '\\',
  '%5c',
  ';',
  '%3b',
  '//',
  '%2f%2f',
  '/./',
  '/../',
  '..;',
  'a',
  'quay',
  'open',
  'B',
  '%61',
  '%00',
  '%20',
  '%',
  '%zz',
  '%c0%ae',
  '%e2%88%95',
  '%e2%80%a5',
  '%ef%bc%8e',
  '~',
  ':',
  '@',
  '!',
  "'",
  '%0d%0a',
  '%23',
  '%3f',
  '?',
  '&',
  '=',
  '%u002e',
  '%c0%2e',
  '*',
  '$1',
  '$&',
  '+',
  '[',
  '|',
  '{',
  '"',
  '<',
  '^',
  '`',
);
const tail = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(''));

/** What a server that decodes once, or twice, and resolves dots makes of it. */
function readings(url: string): string[] {
  const path = url.split('?', 1)[0] ?? '';
  const decode = (text: string) =>
    text.replace(/%[0-7][0-9a-f]/gi, (hex) => String.fromCharCode(Number.parseInt(hex.slice(1), 16)));
  return [path, decode(path), decode(decode(path))].map(
    (text) => new URL(`http://x${text.replace(/[?#]/g, '_')}`).pathname,
  );
}

test('what is forwarded is what was judged, and climbs out of its prefix for no reader', async () => {
  let forwarded = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('/open/', '/quay/'), tail, async (prefix, rest) => {
      gate.backend.forget();
      const { status } = await gate.ask(prefix + rest, { headers: { accept: 'text/plain' } });
      const urls = gate.backend.calls.map(({ url }) => url);
      if (prefix === '/quay/') expect([status, urls]).toEqual([status === 400 ? 400 : 401, []]);
      else if (urls.length > 0) {
        forwarded += 1;
        expect(urls).toEqual([prefix + rest]);
        for (const reading of readings(prefix + rest)) expect(reading.startsWith(prefix)).toBe(true);
      } else expect(status).toBe(400);
    }),
    { numRuns: 250 },
  );
  expect(forwarded, 'the property is about something').toBeGreaterThan(20);
});

test('what a rewrite makes of it stays below its target', async () => {
  await fc.assert(
    fc.asyncProperty(tail, async (rest) => {
      gate.backend.forget();
      const { status } = await gate.ask(`/cut/${rest}`);
      const urls = gate.backend.calls.map(({ url }) => url);
      if (urls.length === 0) return void expect(status).toBe(400);
      expect(urls).toEqual([`/base/${rest}`]);
      for (const reading of readings(urls[0] ?? '')) expect(reading.startsWith('/base/')).toBe(true);
    }),
    { numRuns: 150 },
  );
});
