import supertest from 'supertest';
import { expect, test } from 'vitest';
import { loginHouse } from '../../support/make-house.ts';

const { app } = await loginHouse({ xsApp: { routes: [] } });

test('the client for browsers is at most 3 KB as it is served, and a module that runs', async () => {
  const { status, headers, text } = await supertest(app).get('/-/client.js');
  expect([status, headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3_072);
  expect(text).not.toMatch(/\/\*|\n\s/);
  Object.assign(globalThis, { location: { origin: 'http://localhost' } });
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  expect(Object.keys(module).sort()).toEqual(['LoginError', 'createClient']);
});

test('browsers ask whether it has changed, and are told when not', async () => {
  const { headers } = await supertest(app).get('/-/client.js');
  expect(headers['cache-control']).toBe('public, no-cache');
  const again = await supertest(app)
    .get('/-/client.js')
    .set('if-none-match', headers['etag'] ?? '');
  expect([again.status, again.text]).toEqual([304, '']);
});
