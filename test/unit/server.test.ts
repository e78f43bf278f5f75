import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { expect, test, vi } from 'vitest';
import type { Settings } from '../../src/config/settings.ts';
import { buildServer, requestsInFlight } from '../../src/server.ts';
import { atEnd } from '../support/at-end.ts';

const settings = { incomingRequestTimeout: 0, incomingConnectionTimeout: 0, serverKeepAlive: 0 } as Settings;

test('requests in flight are counted down once each, also those that waited for their turn when the client left', async () => {
  const app = express();
  const closed = vi.fn();
  app.use((_request, response) => void response.on('close', closed));
  const server = buildServer(app, settings).listen(0, '127.0.0.1');
  atEnd(() => server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
  await vi.waitFor(() => expect(requestsInFlight(server)).toBe(3), 10_000);
  client.destroy();
  await vi.waitFor(() => expect(closed.mock.calls.length).toBeGreaterThanOrEqual(3), 10_000);
  await new Promise(setImmediate); // who tells it twice does so by now
  expect(requestsInFlight(server)).toBe(0);
});
