import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-02. oauth2-proxy matched allowed routes against a path that still held `#` and what follows, while the upstream cut
 * it off (GHSA-pxq7-h93f-9jrg).
 *
 * What must hold: a raw `#` is no part of any request target and refused; the encoded one is a character like others,
 * matched and forwarded as it came.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
});
beforeEach(() => gate.backend.forget());

test.each(['/admin/#/public/x', '/public/x#/../admin/', '/public/#', '/#/public/', '#/public/', '/public/x?a=b#c'])(
  '%s is refused: a raw # is in no request target',
  async (target) => {
    const wire = await openWire(gate.port);
    wire.send(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await wire.closed(2_000);
    expect(statusesOf(wire.heard())).toEqual([400]);
    expect(gate.backend.calls).toEqual([]);
  },
);

test('an encoded # in front of a public path makes no path public', async () => {
  for (const target of ['/admin/%23/public/x', '/admin%23/public/x', '/%23/public/x'])
    expect([401, 404]).toContain((await gate.ask(target, { headers: { accept: 'text/plain' } })).status);
  expect(gate.backend.calls).toEqual([]);
});

test('and behind one it is forwarded as it came', async () => {
  expect((await gate.ask('/public/x%23/y%2523?z=%23')).status).toBe(200);
  expect(gate.backend.last().url).toBe('/public/x%23/y%2523?z=%23');
});
