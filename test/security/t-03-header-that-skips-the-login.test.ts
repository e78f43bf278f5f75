import fc from 'fast-check';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-03. oauth2-proxy took whoever called itself like a health check for one, on every path (CVE-2026-34457, 9.1).
 *
 * What must hold: no header of a caller changes whether it needs a login; the own doors are found by their exact path and
 * by nothing else.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
});
beforeEach(() => gate.backend.forget());

const probes = [
  'GoogleHC/1.0',
  'kube-probe/1.31',
  'ELB-HealthChecker/2.0',
  'Envoy/HC',
  'Consul Health Check',
  'Go-http-client/1.1',
  'Prometheus/3.0',
  'Pingdom.com_bot',
  'UptimeRobot/2.0',
  'curl/8.5.0',
  'portunus-probe',
  '',
  '*',
  'gorouter',
  'nginx',
];
const agents = [
  ...probes,
  ...fc.sample(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), { numRuns: 190, seed: 3 }),
];

test(`${agents.length} names that a caller may give itself change nothing`, async () => {
  const statuses = await Promise.all(
    agents.map(async (agent) => {
      const headers = { 'user-agent': agent, accept: 'text/plain' };
      return (await gate.ask('/quay/1', { headers })).status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(gate.backend.calls).toEqual([]);
});

test.each([
  { 'x-original-url': '/-/health/live' },
  { 'x-rewrite-url': '/public/x' },
  { 'x-original-uri': '/public/x' },
  { 'x-forwarded-uri': '/public/x' },
  { 'x-forwarded-path': '/public/' },
  { 'x-forwarded-prefix': '/public' },
  { 'x-envoy-original-path': '/public/x' },
  { 'x-auth-request-redirect': '/public/x' },
  { 'x-accel-redirect': '/public/x' },
  { 'x-health-check': 'true' },
  { 'x-custom-ip-authorization': '127.0.0.1' },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-middleware-subrequest': 'src/middleware:middleware' },
  { 'x-http-method-override': 'OPTIONS' },
  { 'access-control-request-method': 'GET', origin: 'http://localhost' },
  { 'x-user': 'harbormaster' },
  { 'x-authenticated-user': 'a' },
  { 'remote-user': 'a' },
  { authorization: 'Bearer x' },
  { authorization: 'Basic YTpi' },
])('%j opens no path', async (headers) => {
  expect(
    (await gate.ask('/quay/1', { headers: { accept: 'text/plain', ...headers } as Record<string, string> })).status,
  ).toBe(401);
  expect(gate.backend.calls).toEqual([]);
});

test.each([
  '/-/health/live/../../quay/',
  '/-/health/live/',
  '/-/health/live%2f',
  '/-/health/LIVE',
  '/-/health',
  '/-/',
  '//-/health/live',
  '/quay/-/health/live',
  '/-/health/live;/quay/',
])('%s is not the health door', async (target) => {
  const { status, text } = await gate.ask(target, { headers: { accept: 'text/plain' } });
  expect([400, 401, 404]).toContain(status);
  expect(text).not.toContain('"live"');
});
