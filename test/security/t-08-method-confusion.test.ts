import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../e2e/approuter/support/client.ts';
import { type Gate, openGate } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-08. Symfony applied rules for GET to GET alone, and HEAD went round them (CVE-2026-45075); others let a header or a
 * form field say what the method is.
 *
 * What must hold: scopes and methods are judged by the method of the request line, letter by letter; what a method has no
 * rule for nobody may do; TRACE, which shows the client what the backend was shown, gets no credential.
 */
let gate: Gate;
let pilot: Client;
beforeAll(async () => {
  gate = await openGate(({ origin }) => ({
    xsApp: {
      routes: [
        {
          source: '^/quay/',
          destination: 'b',
          csrfProtection: false,
          scope: { GET: '$XSAPPNAME.Pilot', POST: '$XSAPPNAME.Pilot', DELETE: '$XSAPPNAME.Master' },
        },
        { source: '^/read/', destination: 'b', httpMethods: ['GET'], authenticationType: 'none' },
        { source: '^/open/', destination: 'b', authenticationType: 'none' },
        { source: '^/trace/', destination: 'b', httpMethods: ['TRACE'], csrfProtection: false },
        { source: '^/any/', destination: 'b', csrfProtection: false },
      ],
    },
    env: { destinations: [{ name: 'b', url: origin, forwardAuthToken: true }] },
  }));
  pilot = await gate.loggedIn();
});
beforeEach(() => gate.backend.forget());
const raw = async (method: string, target: string) => {
  const cookie = [...pilot.cookies].map((pair) => pair.join('=')).join('; ');
  const wire = await openWire(gate.port);
  wire.send(
    `${method} ${target} HTTP/1.1\r\nHost: localhost:${gate.port}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
  );
  await wire.closed(2_000);
  return statusesOf(wire.heard())[0];
};

describe('a scope that is asked for by method', () => {
  test.each(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'MKCOL'])(
    '%s is not what GET may',
    async (method) => {
      expect((await pilot.ask('/quay/1', { method })).status).toBe(403);
      expect(gate.backend.calls).toEqual([]);
    },
  );

  test.each(['get', 'Get', 'GETX', 'GE T', 'TRACE', 'TRACK', 'CONNECT', 'POSTS', '\tGET'])(
    '%j is none that GET may',
    async (method) => {
      expect(await raw(method, '/quay/1')).not.toBe(200);
      expect(gate.backend.calls).toEqual([]);
    },
  );

  test.each([{ 'x-http-method-override': 'DELETE' }, { 'x-method-override': 'DELETE' }, { 'x-http-method': 'DELETE' }])(
    'is the real method’s, whatever %j says',
    async (headers) => {
      expect((await pilot.ask('/quay/1', { method: 'POST', headers })).status).toBe(200);
      expect(gate.backend.last().method).toBe('POST');
      expect(
        (await pilot.ask('/quay/1?_method=GET', { method: 'DELETE', headers: { 'x-http-method-override': 'GET' } }))
          .status,
      ).toBe(403);
    },
  );
});

test('a route for GET takes no other method', async () => {
  for (const method of ['POST', 'DELETE', 'OPTIONS', 'PATCH'])
    expect((await gate.ask('/read/1', { method, headers: { 'x-http-method-override': 'GET' } })).status).toBe(405);
  expect(gate.backend.calls).toEqual([]);
});

describe('TRACE, whose answer repeats the request to the client (RFC 9110 9.3.8)', () => {
  test.each(['/open/', '/any/'])('is refused at %s, whose route does not ask for it', async (target) => {
    expect(await raw('TRACE', target)).toBe(405);
    expect(gate.backend.calls).toEqual([]);
  });

  test('shows neither token nor kept cookie where a route does ask for it', async () => {
    gate.backend.answer(200, { 'set-cookie': 'SID=backend-secret' });
    await pilot.ask('/any/');
    gate.backend.forget();
    expect(await raw('TRACE', '/trace/')).toBe(200);
    const { headers } = gate.backend.last();
    expect(headers.authorization).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
  });
});
