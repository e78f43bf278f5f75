import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeCertificate } from '../../../../src/config/key-store-forge.ts';
import { houseName } from '../../../../src/config/subject-name.ts';
import { startUpstream, type Upstream } from '../../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse, xsuaaBinding } from '../../../support/make-house.ts';
import { providerTenant, type StandIn, startStandIn } from '../../../support/stand-in-destination-service.ts';
import { logIn, type Visitor, visitor } from '../../../support/visitor.ts';

function certificate(): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [notBefore, notAfter] = [-1, 365].map((days) => new Date(Date.now() + days * 86_400_000)) as [Date, Date];
  return makeCertificate({ privateKey, subject: houseName('ca'), notBefore, notAfter });
}

/** What somebody could try who writes destinations, or stands where the service should be. */
let service: StandIn;
let upstream: Upstream;
let other: Upstream;
beforeAll(async () => {
  [service, upstream, other] = await Promise.all([startStandIn(), startUpstream(), startUpstream()]);
});
beforeEach(() => {
  service.reset();
  upstream.reset();
  other.reset();
  for (const tenant of [providerTenant, 'tenant-acme']) service.of(tenant).subaccount.clear();
});

const users = { sue: { claims: { sub: 'sue', zid: 'tenant-acme' } } };

function provide(properties: object, tenant = providerTenant): void {
  const base = { Name: 'main', Type: 'HTTP', URL: upstream.origin, ProxyType: 'Internet' };
  service.of(tenant).subaccount.set('main', { ...base, ...properties });
}

async function open(env: object = {}): Promise<LoginHouse> {
  return loginHouse(
    {
      xsApp: {
        routes: [
          { source: '^/main/', target: '/', destination: 'main', csrfProtection: false },
          { source: '^/local/', target: '/', destination: 'main', csrfProtection: false, preferLocal: true },
          { source: '^/public/', target: '/', destination: 'main', authenticationType: 'none' },
        ],
      },
      env: { VCAP_SERVICES: { ...xsuaaBinding, ...service.binding }, ...env },
    },
    users,
  );
}
const ask = (browser: Visitor, path = '/public/x') => browser.get(path).set('accept', 'application/json');

describe("a backend's cookies", () => {
  const setsCookie = (at: Upstream, value: string) =>
    at.answerWith((_, response) => void response.writeHead(200, { 'set-cookie': `sid=${value}; Path=/` }).end());

  test('of a subscriber’s destination do not go to the provider’s of the same name', async () => {
    provide({ URL: other.origin }, 'tenant-acme');
    provide({});
    setsCookie(other, 'of-acme');
    const browser = visitor((await open()).app);
    await logIn(browser, 'sue', '/main/x');
    await ask(browser, '/main/x');
    await ask(browser, '/local/x');
    await ask(browser, '/main/x');
    expect([upstream.last().headers.cookie, other.last().headers.cookie]).toEqual([undefined, 'sid=of-acme']);
  });

  test('do not follow a destination that was given another address', async () => {
    provide({}, 'tenant-acme');
    setsCookie(upstream, 'of-old');
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const browser = visitor((await open({ PORTUNUS_DESTINATION_CACHE: '60' })).app);
      await logIn(browser, 'sue', '/main/x');
      await ask(browser, '/main/x');
      provide({ URL: other.origin }, 'tenant-acme');
      vi.advanceTimersByTime(61_000);
      await ask(browser, '/main/x');
    } finally {
      vi.useRealTimers();
    }
    expect(other.last().headers.cookie).toBeUndefined();
  });
});

describe('answers of the service', () => {
  test('with a token that would split the request are refused', async () => {
    provide({ Authentication: 'OAuth2ClientCredentials' });
    service.authToken = () => ({
      type: 'Bearer',
      value: 'a',
      http_header: { key: 'Authorization', value: 'Bearer a\r\nx-evil: 1' },
    });
    const answer = await ask(visitor((await open()).app));
    expect([answer.status, answer.body.code, upstream.calls.length]).toEqual([502, 'ERR_TOKEN_SERVICE', 0]);
  });

  test('that never end in size are cut off', async () => {
    service.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"a":"${'x'.repeat(5_000_000)}"}`);
      return true;
    };
    const answer = await ask(visitor((await open()).app));
    expect([answer.status, answer.body.detail]).toEqual([
      502,
      expect.stringContaining('more than a destination can be'),
    ]);
  });

  test('drop by drop are cut off in time', async () => {
    service.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      const drops = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drops));
      return true;
    };
    const house = await open({ OUTGOING_REQUEST_OPTIONS: { destination: { timeout: 400 } } });
    const answer = await ask(visitor(house.app));
    expect([answer.status, answer.body.detail]).toEqual([502, expect.stringContaining('within 0.4 s')]);
  });

  test('that nothing has changed are not asked for where a key store may have been renewed', async () => {
    provide({ TrustStoreLocation: 'ca.pem' });
    const certificates = service.of(providerTenant).certificates;
    certificates.set('ca.pem', Buffer.from(await certificate()).toString('base64'));
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const house = await open({ PORTUNUS_DESTINATION_CACHE: '60' });
      await ask(visitor(house.app));
      vi.advanceTimersByTime(61_000);
      await ask(visitor(house.app));
    } finally {
      vi.useRealTimers();
    }
    expect(upstream.calls).toHaveLength(2);
    const finds = service.calls.filter(({ path }) => path.includes('/destinations/'));
    expect(finds).toHaveLength(2);
    expect(finds.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
  });
});

test('a binding whose address no destination could have is a 502 when it is used, never a 500', async () => {
  const binding = structuredClone(service.binding) as { destination: [{ credentials: { uri: string } }] };
  binding.destination[0].credentials.uri += '/?x=1';
  const answer = await ask(visitor((await open({ VCAP_SERVICES: { ...xsuaaBinding, ...binding } })).app));
  expect([answer.status, answer.body.code]).toEqual([502, 'ERR_DESTINATION_SERVICE']);
  expect(answer.text).not.toContain('service-secret');
});

test('made-up names are a bounded number of questions at once', async () => {
  service.answer = (_, response) => {
    setTimeout(() => response.writeHead(404).end('{"ErrorMessage":"not found"}'), 300);
    return true;
  };
  const house = await loginHouse(
    {
      xsApp: { routes: [{ source: '^/any/([^/]+)', destination: '$1', authenticationType: 'none' }] },
      env: { VCAP_SERVICES: { ...xsuaaBinding, ...service.binding } },
    },
    users,
  );
  const answers = await Promise.all(Array.from({ length: 90 }, (_, n) => ask(visitor(house.app), `/any/n${n}`)));
  const statuses = answers.map(({ status }) => status);
  expect([
    statuses.filter((status) => status === 404).length,
    statuses.filter((status) => status === 503).length,
  ]).toEqual([64, 26]);
});

describe('additional properties of the service have their effect (xs-app.md 5.2)', () => {
  test.each([
    ['HTML5.PreserveHostHeader', 'true', (call: Upstream) => call.last().headers.host, /^public\.example$/],
    ['HTML5.PreserveHostHeader', 'false', (call: Upstream) => call.last().headers.host, /^127\.0\.0\.1:\d+$/],
    [
      'HTML5.SetXForwardedHeaders',
      'false',
      (call: Upstream) => String(call.last().headers['x-forwarded-host']),
      /^undefined$/,
    ],
    [
      'HTML5.SetXForwardedHeaders',
      'true',
      (call: Upstream) => String(call.last().headers['x-forwarded-host']),
      /^public\.example$/,
    ],
    ['sap-client', '300', (call: Upstream) => call.last().headers['sap-client'], /^300$/],
    ['URL.headers.X-Mode', 'test', (call: Upstream) => call.last().headers['x-mode'], /^test$/],
    ['URL.queries.v', '7', (call: Upstream) => call.last().url, /\?a=1&v=7$/],
    [
      'HTML5.ForwardAuthToken',
      'true',
      (call: Upstream) => call.last().headers.authorization,
      /^Bearer token of sue 0$/,
    ],
  ])('%s = %s', async (property, value, seen, expected) => {
    provide({ [property]: value }, 'tenant-acme');
    const browser = visitor((await open()).app);
    await logIn(browser, 'sue', '/main/x');
    expect((await ask(browser, '/main/x?a=1').set('host', 'public.example')).status).toBe(200);
    expect(seen(upstream)).toMatch(expected);
  });

  test('HTML5.Timeout: 504 afterwards', async () => {
    provide({ 'HTML5.Timeout': '100' });
    upstream.answerWith(() => undefined);
    expect((await ask(visitor((await open()).app))).status).toBe(504);
  });

  test.each([
    ['Internet', 1],
    ['PrivateLink', 0],
  ])('ProxyType %s: %i call through HTTP_PROXY', async (ProxyType, through) => {
    provide({ ProxyType, URL: 'http://backend.invalid' });
    other.answerWith((_, response) => void response.writeHead(200).end('from the proxy'));
    await ask(visitor((await open({ HTTP_PROXY: other.origin })).app));
    expect(other.calls.filter(({ url, method }) => `${method} ${url}`.includes('backend.invalid')).length).toBe(
      through,
    );
  });
});
