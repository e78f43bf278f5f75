import fc from 'fast-check';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-01. oauth2-proxy let everybody in who put the pattern of a public path into the query (CVE-2025-54576, 9.1): its
 * expressions were matched against path and query alike.
 *
 * What must hold: a route that needs no login is taken only by a path that its source matches; the query opens nothing,
 * neither with anchored sources nor with those that are written without `^`.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(({ origin }) => ({
    xsApp: {
      routes: [
        { source: '^/public/.*', destination: 'b', authenticationType: 'none' },
        { source: '/tides', destination: 'b', authenticationType: 'none' },
        { source: '[.]css$', destination: 'b', authenticationType: 'none' },
        { source: '^/', destination: 'b' },
      ],
    },
    env: { destinations: [{ name: 'b', url: origin }] },
  }));
});
beforeEach(() => gate.backend.forget());

const hints = ['/public/a', '/public/', '/tides', 'x.css', '%2Fpublic%2F', '//public/'];
const targets = hints.flatMap((hint) => [
  `/admin?x=${hint}`,
  `/admin?${hint}`,
  `/admin?a&${hint}&b`,
  `/admin?a?${hint}`,
  `/admin/?;${hint}`,
  `/?/..${hint}`,
]);

test.each([...targets, '/admin;?/public/', '/admin?x#y=/tides'.replace('#', '%23')])(
  '%s leads to the login, not to the backend',
  async (target) => {
    expect((await gate.ask(target, { headers: { accept: 'text/html' } })).status).toBe(302);
    expect((await gate.ask(target, { headers: { accept: 'application/json' } })).status).toBe(401);
    expect((await gate.ask(target, { method: 'POST' })).status).toBe(401);
    expect(gate.backend.calls).toEqual([]);
  },
);

test('no query whatever opens the way', async () => {
  const piece = fc.constantFrom(...hints, '?', '&', '=', ';', '/', '%3f', '%23', '\\', 'a');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
      expect((await gate.ask(`/admin?${pieces.join('')}`, { headers: { accept: 'text/plain' } })).status).toBe(401);
    }),
    { numRuns: 150 },
  );
  expect(gate.backend.calls).toEqual([]);
});

test('the public paths themselves are open, with and without a query', async () => {
  for (const target of ['/public/a', '/public/a?x=1', '/tides?x', '/a/tides', '/x.css'])
    expect((await gate.ask(target)).status).toBe(200);
});
