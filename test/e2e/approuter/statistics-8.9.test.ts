import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 8.9: statistics and the source of errors. */

let backend: Backend;
let router: Router;
beforeAll(async () => {
  const xsuaa = await openXsuaa();
  backend = await openBackend();
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/b', destination: 'b', authenticationType: 'none' },
        { source: '^/guarded', destination: 'b' },
        { source: '^/down', destination: 'down', authenticationType: 'none' },
        { source: '^/slow', destination: 'slow', authenticationType: 'none' },
        { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
      ],
      cors: [{ uriPattern: '^/cors', allowedOrigin: [{ host: 'shop.example' }] }],
      websockets: { enabled: false },
    },
    files: { 'web/a.txt': 'a' },
    env: {
      RETURN_ERROR_SOURCE: 'true',
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'down', url: 'http://127.0.0.1:9' },
        { name: 'slow', url: backend.origin, timeout: 100 },
      ],
    },
  });
});
beforeEach(() => backend.forget());

describe('statistics', () => {
  it.each<[what: string, target: string, headers: Record<string, string>]>([
    ['the query', '/b?sap-statistics=true', {}],
    ['the query among others', '/b?a=1&sap-statistics=true&b=2', {}],
    ['the header', '/b', { 'sap-statistics': 'true' }],
  ])('asked for by %s: the backend is asked too, and both answers come back', async (_, target, headers) => {
    backend.answer(200, { 'sap-statistics': 'gw=1,total=7' });
    const reply = await ask(router.origin, target, { headers });
    expect(backend.last().headers['sap-statistics']).toBe('true');
    expect(backend.last().url).toBe(target);
    expect(reply.headers['sap-statistics']).toBe('gw=1,total=7');
    expect(reply.headers['sap-statistics-approuter']).toMatch(/^total=\d+(\.\d+)?,ext=\d+(\.\d+)?$/);
    expect(reply.headers['server-timing']).toMatch(/dur=/);
  });

  it('ext is the time in the backend, total at least as long', async () => {
    backend.answerWith((_, response) => void setTimeout(() => response.end(), 120));
    const { headers } = await ask(router.origin, '/b', { headers: { 'sap-statistics': 'true' } });
    const [, total, ext] = /^total=([\d.]+),ext=([\d.]+)$/.exec(String(headers['sap-statistics-approuter'])) ?? [];
    expect(Number(ext)).toBeGreaterThanOrEqual(115);
    expect(Number(total)).toBeGreaterThanOrEqual(Number(ext));
  });

  it('of a static file: total alone', async () => {
    const { headers } = await ask(router.origin, '/files/a.txt?sap-statistics=true');
    expect(headers['sap-statistics-approuter']).toMatch(/^total=\d+(\.\d+)?$/);
  });

  it.each([
    '/b',
    '/b?sap-statistics=false',
    '/b?xsap-statistics=true',
    '/b?sap-statistics=trueish',
    '/b?x=sap-statistics=true',
  ])('nobody asked: %s', async (target) => {
    const { headers } = await ask(router.origin, target);
    expect(headers['sap-statistics-approuter']).toBeUndefined();
    expect(headers['server-timing']).toBeUndefined();
  });

  it('Server-Timing of the backend stays beside ours', async () => {
    backend.answer(200, { 'server-timing': 'db;dur=5' });
    const { headers } = await ask(router.origin, '/b?sap-statistics=true');
    expect(headers['server-timing']).toContain('db;dur=5');
  });
});

describe('RETURN_ERROR_SOURCE', () => {
  it.each<[what: string, target: string, headers: Record<string, string>, status: number]>([
    ['an unknown path', '/nowhere', {}, 404],
    ['a missing file', '/files/none.txt', {}, 404],
    ['a bad path', '/b/../x', {}, 400],
    ['no login', '/guarded', { 'x-requested-with': 'XMLHttpRequest' }, 401],
    ['a backend that is down', '/down', {}, 502],
    ['a backend that is too slow', '/slow', {}, 504],
    ['a foreign origin', '/cors', { origin: 'https://evil.example' }, 403],
    ['a bad callback', '/login/callback', {}, 400],
  ])('%s is ours', async (_, target, headers, status) => {
    if (target === '/slow') backend.answerWith(() => {});
    const reply = await ask(router.origin, target, { headers });
    expect(reply.status).toBe(status);
    expect(reply.headers['x-error-source']).toBe('gateway');
  });

  it('a method that no route takes is ours', async () => {
    const { status, headers } = await ask(router.origin, '/files/a.txt', { method: 'POST' });
    expect(status).toBe(405);
    expect(headers['x-error-source']).toBe('gateway');
  });

  it.each([200, 400, 401, 403, 404, 500, 502, 504])("a backend's %i is not", async (status) => {
    backend.answer(status, {});
    const reply = await ask(router.origin, '/b');
    expect(reply.status).toBe(status);
    expect(reply.headers['x-error-source']).toBeUndefined();
  });
});
