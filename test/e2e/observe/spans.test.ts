import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import * as sdk from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

const exporter = new sdk.InMemorySpanExporter();
let backend: Backend;
let router: Router;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new sdk.TracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor({ exporter })] }),
  );
  backend = await openBackend();
  router = await openRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/quay/(.*)$', destination: 'quay' }] },
    env: { destinations: [{ name: 'quay', url: backend.origin }] },
  });
});
afterAll(() => {
  trace.disable();
  context.disable();
});

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

test('a server span continues the caller’s trace, and the backend’s span is handed on', async () => {
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  await ask(router.origin, '/quay/1?key=hidden', { headers: { host: 'localhost', traceparent } });
  await expect.poll(() => exporter.getFinishedSpans().length).toBeGreaterThanOrEqual(4);
  const spans = exporter.getFinishedSpans();
  const server = spans.find(({ attributes }) => attributes['http.route'] !== undefined);
  const call = spans.find(({ attributes }) => attributes['url.full'] !== undefined);
  expect(server?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
  expect(server?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.path': '/quay/1',
    'url.scheme': 'http',
    'server.address': 'localhost',
  });
  expect(call?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId);
  expect(call?.attributes).toMatchObject({
    'url.full': `${backend.origin}/quay/1`,
    'http.response.status_code': 200,
    'portunus.destination': 'quay',
  });
  expect(backend.last().headers['traceparent']).toBe(`00-${traceId}-${call?.spanContext().spanId}-01`);
  expect(spans.map((span) => span.spanContext().traceId)).toEqual(spans.map(() => traceId));
  expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['session', 'credential']));
  expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('hidden');
});

test('a failure is marked, with the code of the error', async () => {
  exporter.reset();
  backend.answerWith((request) => void request.socket.destroy());
  await ask(router.origin, '/quay/2', { method: 'POST', headers: { host: 'localhost', 'content-length': '0' } });
  await expect.poll(() => exporter.getFinishedSpans().some(({ attributes }) => attributes['http.route'])).toBe(true);
  const server = exporter.getFinishedSpans().find(({ attributes }) => attributes['http.route'] !== undefined);
  expect(server?.attributes).toMatchObject({
    'http.response.status_code': 502,
    'error.type': 'ERR_UPSTREAM_UNREACHABLE',
  });
  expect(server?.status.code).toBe(2);
});
