import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ineffectiveVariables } from '../../../src/config/ineffective-variables.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { openClient, setCookies } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { clientId, openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';
import { runRouter } from './support/run-router.ts';
import { say, statusOf } from './support/say.ts';

/** xs-app.md section 4: what each variable does. Those with a section of their own are tested there. */

let backend: Backend;
let xsuaa: Xsuaa;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
});
beforeEach(() => {
  backend.forget();
  xsuaa.lifetime = 3_600;
  xsuaa.claims = {};
});

const routes = [
  { source: '^/public', destination: 'b', authenticationType: 'none' },
  { source: '^/a', destination: 'b' },
];
const page = { accept: 'text/html' };
const xhr = { 'x-requested-with': 'XMLHttpRequest' };
const browser = { ...page, 'user-agent': 'Mozilla/5.0 (X11)', 'sec-fetch-mode': 'navigate' };

const open = (env: object, xsApp: object = {}, files: object = {}): Promise<Router> =>
  openRouter({
    xsuaa,
    xsApp: { routes, ...xsApp },
    files: { ...files },
    env: { destinations: [{ name: 'b', url: backend.origin }], ...env },
  });

describe('4.1 core', () => {
  it('PORT and XS_BIND_ADDRESS: where it listens', async () => {
    const router = await open({ XS_BIND_ADDRESS: '127.0.0.2' });
    expect(router.port).toBeGreaterThan(0);
    await expect(ask(router.origin, '/public')).rejects.toThrow('ECONNREFUSED');
    const answer = await fetch(`http://127.0.0.2:${router.port}/public`);
    expect(answer.status).toBe(200);
  });

  it.each(['development', 'test', 'production', ''])('NODE_ENV=%s changes no check (T-09)', async (NODE_ENV) => {
    const router = await open({ NODE_ENV });
    expect((await ask(router.origin, '/a', { headers: xhr })).status).toBe(401);
    expect((await ask(router.origin, '/public')).status).toBe(200);
  });

  it('default-env.json counts without any NODE_ENV; a real variable wins; objects stand for their JSON text', async () => {
    const file = {
      httpHeaders: [{ 'x-from': 'file' }],
      SESSION_COOKIE_NAME: 'fromfile',
      destinations: [{ name: 'b', url: 'http://127.0.0.1:9' }],
    };
    const router = await open({ SESSION_COOKIE_NAME: 'real' }, {}, { 'default-env.json': file });
    const reply = await ask(router.origin, '/public', { headers: { 'x-csrf-token': 'fetch' } });
    expect(reply.status).toBe(200);
    expect(reply.headers['x-from']).toBe('file');
    expect([...setCookies(reply).keys()]).toEqual(['real']);
  });

  it('UAA_SERVICE_NAME: which binding is the XSUAA one', async () => {
    const named = {
      name: 'second',
      label: 'user-provided',
      tags: [],
      credentials: { ...credentialsOf(xsuaa), clientid: 'sb-second' },
    };
    const VCAP_SERVICES = { ...xsuaa.binding, 'user-provided': [named] };
    const clientOf = async (env: object) => {
      const { headers } = await ask((await open({ VCAP_SERVICES, ...env })).origin, '/a', { headers: page });
      return new URL(headers.location ?? '').searchParams.get('client_id');
    };
    expect(await clientOf({})).toBe(clientId);
    expect(await clientOf({ UAA_SERVICE_NAME: 'second' })).toBe('sb-second');
  });

  it('an XSUAA binding is the one with the tag xsuaa, whatever its label', async () => {
    const tagged = { name: 'x', label: 'user-provided', tags: ['xsuaa'], credentials: credentialsOf(xsuaa) };
    const router = await open({ VCAP_SERVICES: { 'user-provided': [tagged] } });
    expect(await openClient(router.origin).logIn('/a')).toBe('/a');
  });

  it('SERVICE_BINDING_ROOT: a mounted XSUAA binding (1.1)', async () => {
    const files = Object.fromEntries(
      Object.entries({ type: 'xsuaa', name: 'mounted', tags: '["xsuaa"]', ...credentialsOf(xsuaa) }).map(
        ([key, value]) => [`uaa/${key}`, value],
      ),
    );
    const root = workingDirectory(files);
    const router = await openRouter({
      xsApp: { routes },
      env: { destinations: [{ name: 'b', url: backend.origin }], SERVICE_BINDING_ROOT: root },
    });
    expect(await openClient(router.origin).logIn('/a')).toBe('/a');
  });

  it('default-services.json stands in for a missing binding (1.1)', async () => {
    const router = await openRouter({
      xsApp: { routes },
      files: { 'default-services.json': { uaa: credentialsOf(xsuaa) } },
      env: { destinations: [{ name: 'b', url: backend.origin }] },
    });
    expect(await openClient(router.origin).logIn('/a')).toBe('/a');
  });

  it('OUTGOING_REQUEST_OPTIONS limits the calls of the login server', async () => {
    const slow = await openBackend();
    slow.answerWith(() => {});
    const VCAP_SERVICES = {
      xsuaa: [{ name: 'x', tags: ['xsuaa'], credentials: { ...credentialsOf(xsuaa), url: slow.origin } }],
    };
    const router = await open({ VCAP_SERVICES, OUTGOING_REQUEST_OPTIONS: { xsuaa: { timeout: 300 } } });
    const user = openClient(router.origin);
    const begun = await user.ask('/a', { headers: page });
    const state = new URL(begun.headers.location ?? '').searchParams.get('state') ?? '';
    const asked = user.ask(`/login/callback?code=c&state=${encodeURIComponent(state)}`).then(({ status }) => status);
    expect(await Promise.race([asked, sleep(2_500, 'still waiting')])).toBe(502);
  });
});

describe('4.2 login', () => {
  it.each([{ STATE_PARAMETER_SECRET: 'false' }, { PKCE_ENABLED: 'false' }])('%o switches nothing off', async (env) => {
    const { headers } = await ask((await open(env)).origin, '/a', { headers: page });
    const query = new URL(headers.location ?? '').searchParams;
    expect(query.get('state')).toBeTruthy();
    expect(query.get('code_challenge_method')).toBe('S256');
  });

  it('STATE_CACHE: seconds that a begun login stays valid; later 401', async () => {
    const router = await open({ STATE_CACHE: '0.2' });
    const user = openClient(router.origin);
    const begun = await user.ask('/a', { headers: page });
    const back = (await fetch(begun.headers.location ?? '', { redirect: 'manual' })).headers.get('location');
    await sleep(300);
    const { pathname, search } = new URL(back ?? '');
    expect((await user.ask(pathname + search)).status).toBe(401);
  });

  it('PRESERVE_FRAGMENT: a page for browsers; false: a redirect', async () => {
    const kept = await ask((await open({})).origin, '/a', { headers: browser });
    expect(kept.status).toBe(200);
    expect(kept.headers['content-type']).toMatch(/^text\/html/);
    expect(kept.headers['cache-control']).toMatch(/no-store/);
    const plain = await ask((await open({ PRESERVE_FRAGMENT: 'false' })).origin, '/a', { headers: browser });
    expect(plain.status).toBe(302);
  });

  it.each<[env: object, policy: (csp: string | undefined) => boolean]>([
    [{}, (csp) => csp !== undefined && /script-src 'nonce-/.test(csp) && !/unsafe/.test(csp)],
    [
      { EXTENDED_LOGIN_CSP: 'true' },
      (csp) =>
        [
          'default-src',
          'style-src',
          'img-src',
          'connect-src',
          'font-src',
          'base-uri',
          'form-action',
          'data:',
          "'nonce-",
        ].every((part) => csp?.includes(part)),
    ],
    [{ OMIT_LOGIN_CSP: 'true' }, (csp) => csp === undefined],
  ])('policy of login pages with %o', async (env, fits) => {
    const { headers } = await ask((await open(env)).origin, '/a', { headers: browser });
    expect(fits(headers['content-security-policy'] as string | undefined)).toBe(true);
  });

  it('JWT_REFRESH: minutes before its end that the token is renewed; 0: never', async () => {
    xsuaa.lifetime = 2;
    const never = openClient((await open({ JWT_REFRESH: '0' })).origin);
    const early = openClient((await open({ JWT_REFRESH: '10' })).origin);
    await Promise.all([never.logIn('/a'), early.logIn('/a')]);
    xsuaa.lifetime = 3_600;
    const before = xsuaa.grants('refresh_token').length;
    await sleep(1_100); // beyond half of the token's life
    await never.ask('/a', { headers: xhr });
    expect(xsuaa.grants('refresh_token')).toHaveLength(before);
    const replies = await Promise.all([1, 2, 3].map(() => early.ask('/a', { headers: xhr })));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(xsuaa.grants('refresh_token')).toHaveLength(before + 1);
    await sleep(1_100); // beyond its end
    expect((await never.ask('/a', { headers: xhr })).status).toBe(401);
    expect((await early.ask('/a', { headers: xhr })).status).toBe(200);
  });

  it('MINIMUM_TOKEN_VALIDITY: seconds that a token must live', async () => {
    const router = await open({ MINIMUM_TOKEN_VALIDITY: '600' });
    xsuaa.lifetime = 60;
    await expect(openClient(router.origin).logIn('/a')).rejects.toThrow('401');
    xsuaa.lifetime = 3_600;
    expect(await openClient(router.origin).logIn('/a')).toBe('/a');
  });

  it('REQUIRE_AUTH_FOR_UNKNOWN_ROUTES: login before the 404', async () => {
    const xsApp = { routes: [...routes, { source: '^/web/', localDir: 'web' }] };
    const files = { 'web/web/a.txt': 'a' };
    const [usual, strict] = await Promise.all([
      open({}, xsApp, files),
      open({ REQUIRE_AUTH_FOR_UNKNOWN_ROUTES: 'true' }, xsApp, files),
    ]);
    expect((await ask(usual.origin, '/none', { headers: xhr })).status).toBe(404);
    expect((await ask(strict.origin, '/none', { headers: xhr })).status).toBe(401);
    expect((await ask(strict.origin, '/none', { headers: page })).status).toBe(302);
    const user = openClient(strict.origin);
    await user.logIn('/a');
    expect((await user.ask('/none', { headers: xhr })).status).toBe(404);
  });
});

describe('4.3 session and cookies', () => {
  const sessionCookie = async (env: object, headers: Record<string, string> = {}, name = 'JSESSIONID') => {
    const router = await open(env);
    const reply = await ask(router.origin, '/public', { headers: { 'x-csrf-token': 'fetch', ...headers } });
    return setCookies(reply).get(name);
  };

  it('plain: Path=/, HttpOnly, no expiry, not Secure on plain http', async () => {
    const cookie = await sessionCookie({});
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).not.toMatch(/Expires|Max-Age|Secure|Partitioned|Domain/i);
  });

  it('SESSION_COOKIE_NAME: the session is found under it (13.1 #19)', async () => {
    const router = await open({ SESSION_COOKIE_NAME: 'harbour' });
    const user = openClient(router.origin);
    await user.logIn('/a');
    expect([...user.cookies.keys()]).toContain('harbour');
    expect((await user.ask('/a', { headers: xhr })).status).toBe(200);
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it('SECURE_SESSION_COOKIE=false: never Secure, though the scheme is https', async () => {
    const env = { SECURE_SESSION_COOKIE: 'false', VCAP_APPLICATION: '{}' };
    expect(await sessionCookie(env, { 'x-forwarded-proto': 'https' })).not.toMatch(/Secure/);
  });

  it('SECURE_SESSION_COOKIE=true: plain http is rejected', async () => {
    const router = await open({ SECURE_SESSION_COOKIE: 'true', VCAP_APPLICATION: '{}' });
    expect((await ask(router.origin, '/public')).status).toBe(403);
    expect(backend.calls).toHaveLength(0);
    const headers = { 'x-forwarded-proto': 'https', 'x-csrf-token': 'fetch' };
    const reply = await ask(router.origin, '/public', { headers });
    expect(setCookies(reply).get('JSESSIONID')).toMatch(/; Secure/);
  });

  it('without it: Secure when a front that is known says https', async () => {
    expect(await sessionCookie({ VCAP_APPLICATION: '{}' }, { 'x-forwarded-proto': 'https' })).toMatch(/; Secure/);
    expect(await sessionCookie({}, { 'x-forwarded-proto': 'https' })).not.toMatch(/Secure/);
  });

  it.each(['None', 'Lax', 'Strict'])(
    'COOKIES SameSite=%s: session and login cookies; a login still works',
    async (SameSite) => {
      const router = await open({ COOKIES: { SameSite } });
      const begun = await ask(router.origin, '/a', { headers: page });
      // Strict would keep the attempt's cookie away from the provider's redirect back.
      const attempt = SameSite === 'Strict' ? 'Lax' : SameSite;
      expect([...setCookies(begun).values()].join()).toContain(`SameSite=${attempt}`);
      const reply = await ask(router.origin, '/public', { headers: { 'x-csrf-token': 'fetch' } });
      expect(setCookies(reply).get('JSESSIONID')).toContain(`SameSite=${SameSite}`);
      expect(await openClient(router.origin).logIn('/a')).toBe('/a');
    },
  );

  it.each<[agent: string, partitioned: boolean]>([
    ['Chrome/120', true],
    ['Chrome/99 Old', false],
    ['Safari/17', false],
  ])('COOKIES Partitioned for %s: %s', async (agent, partitioned) => {
    const COOKIES = {
      SameSite: 'None',
      Partitioned: { supportedPartitionAgents: '^Chrome', unsupportedPartitionAgents: 'Old' },
    };
    const cookie = await sessionCookie(
      { COOKIES, VCAP_APPLICATION: '{}' },
      { 'user-agent': agent, 'x-forwarded-proto': 'https' },
    );
    expect(/; Partitioned/.test(cookie ?? '')).toBe(partitioned);
  });

  it('SESSION_SECRET: a begun login outlives a restart (13.1 #6)', async () => {
    const env = { SESSION_SECRET: 'a secret that is long enough for cookies' };
    const first = await open(env);
    const begun = await ask(first.origin, '/a', { headers: page });
    const second = await open(env);
    const back = (await fetch(begun.headers.location ?? '', { redirect: 'manual' })).headers.get('location');
    const cookie = [...setCookies(begun).values()].map((line) => line.split(';')[0]).join('; ');
    const { pathname, search } = new URL(back ?? '');
    expect((await ask(second.origin, pathname + search, { headers: { cookie } })).status).toBe(302);
  });
});

describe('4.4 headers', () => {
  it('httpHeaders and SEND_XFRAMEOPTIONS', async () => {
    const httpHeaders = [{ 'X-One': '1', 'x-two': '2' }, { 'X-FRAME-OPTIONS': 'DENY' }];
    const { headers } = await ask((await open({ httpHeaders })).origin, '/public');
    expect(headers['x-one']).toBe('1');
    expect(headers['x-two']).toBe('2');
    expect(headers['x-frame-options']).toBe('DENY');
    const off = await ask((await open({ SEND_XFRAMEOPTIONS: 'false' })).origin, '/public');
    expect(off.headers['x-frame-options']).toBeUndefined();
  });

  it.each<[merge: string, seen: string[]]>([
    ['true', ["default-src 'self'", "img-src 'none'"]],
    ['false', ["img-src 'none'"]],
  ])("MERGE_CSP_HEADERS=%s: the router's policy beside the backend's or not", async (MERGE_CSP_HEADERS, seen) => {
    backend.answer(200, { 'content-security-policy': "img-src 'none'" });
    const responseHeaders = [{ name: 'Content-Security-Policy', value: "default-src 'self'" }];
    const { rawHeaders } = await ask((await open({ MERGE_CSP_HEADERS }, { responseHeaders })).origin, '/public');
    const policies = rawHeaders.filter(
      (_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'content-security-policy',
    );
    expect(policies.flatMap((policy) => policy.split(/, */)).sort()).toEqual(seen);
  });

  it.each<[host: string, status: number]>([
    ['harbour.example', 200],
    ['harbour_1.example:8080', 200],
    ['harbour.example/x', 400],
    ['harbour.example<script>', 400],
    [`${'x'.repeat(300)}.example`, 400],
    ['a@b', 400],
    ['a b', 400],
  ])('ENABLE_X_FORWARDED_HOST_VALIDATION is always on: %s', async (host, status) => {
    const router = await open({ VCAP_APPLICATION: '{}' });
    expect((await ask(router.origin, '/public', { headers: { 'x-forwarded-host': host } })).status).toBe(status);
  });
});

describe('4.5 network and server', () => {
  it('INCOMING_CONNECTION_TIMEOUT: milliseconds of an idle client connection', async () => {
    const router = await open({ INCOMING_CONNECTION_TIMEOUT: '200' });
    const begun = Date.now();
    await say(router.port, '', 20_000);
    expect(Date.now() - begun).toBeLessThan(15_000); // otherwise two minutes
  });

  it('INCOMING_REQUEST_TIMEOUT: milliseconds to receive a request, then 408', async () => {
    const router = await open({ INCOMING_REQUEST_TIMEOUT: '200' });
    const head = `POST /public HTTP/1.1\r\nHost: localhost:${router.port}\r\nContent-Length: 10\r\n\r\nabc`;
    expect(statusOf(await say(router.port, head, 20_000))).toBe(408);
  });

  it('SERVER_KEEP_ALIVE: milliseconds between requests of a connection', async () => {
    const router = await open({ SERVER_KEEP_ALIVE: '300' });
    const begun = Date.now();
    const answer = await say(router.port, `GET /public HTTP/1.1\r\nHost: localhost:${router.port}\r\n\r\n`, 20_000);
    expect(statusOf(answer)).toBe(200);
    expect(Date.now() - begun).toBeLessThan(15_000); // otherwise 65 s
  });

  it('DISABLE_CONNECTION_REUSE: each request on a connection of its own; reuse otherwise (13.1 #8)', async () => {
    const connections = async (env: object) => {
      const router = await open(env);
      backend.forget();
      for (let i = 0; i < 3; i++) await ask(router.origin, '/public');
      return new Set(backend.calls.map(({ connection }) => connection)).size;
    };
    expect(await connections({})).toBe(1);
    expect(await connections({ DISABLE_CONNECTION_REUSE: 'true' })).toBe(3);
  });

  it('BACKEND_MAX_SOCKETS: connections at a time', async () => {
    const router = await open({ BACKEND_MAX_SOCKETS: '2' });
    let most = 0;
    let now = 0;
    backend.answerWith(async (_, response) => {
      now += 1;
      most = Math.max(most, now);
      await sleep(40);
      now -= 1;
      response.end();
    });
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => ask(router.origin, '/public')));
    expect(most).toBe(2);
  });
});

describe('4.7 logging', () => {
  it('XS_APP_LOG_LEVEL: what is logged; no secret is (T-42)', async () => {
    const { port, output } = await runRouter({
      xsuaa,
      xsApp: { routes },
      env: { destinations: [{ name: 'b', url: 'http://127.0.0.1:9' }], REAL_LEVEL: 'debug' },
    });
    const origin = `http://127.0.0.1:${port}`;
    await ask(origin, '/none-of-these/../x', {
      headers: { cookie: 'JSESSIONID=s%3Asecretvalue', authorization: 'Bearer secretvalue' },
    });
    await ask(origin, '/public?x=1', { headers: { cookie: 'a=secretvalue', authorization: 'Bearer secretvalue' } });
    await sleep(100);
    expect(output()).toContain('ERR_BAD_REQUEST');
    expect(output()).toContain('ERR_UPSTREAM_UNREACHABLE');
    expect(output()).not.toMatch(/secretvalue|hush/);
  });

  it('RETURN_ERROR_SOURCE is off by default', async () => {
    const { headers } = await ask((await open({})).origin, '/a', { headers: xhr });
    expect(headers['x-error-source']).toBeUndefined();
  });
});

describe('a start', () => {
  it('names in one line every variable that has no effect, and every one of the spec is known to it', async () => {
    // Those of section 4 that say "n", or that Portunus says it does not need; the rest has an effect of its own.
    const mentioned = `SKIP_CLIENT_CREDENTIALS_TOKENS_LOAD CACHE_SERVICE_CREDENTIALS ENABLE_FORWARD_CORPORATE_IDP_TOKEN
      ENABLE_PERMANENT_AUTHTYPE USE_HTML5_APP_XS_APPJSON_IN_LOGIN_CALLBACK PLATFORM_COOKIE_NAME
      REMOVE_CLASHING_BACKEND_SESSION_COOKIE       COOKIE_BACKWARD_COMPATIBILITY DELETE_STALE_COOKIES ENABLE_FRAME_ANCESTORS_CSP_HEADERS FRAME_ANCESTORS_CSP_HEADER_CACHE_TIME
      INCLUDE_NONCE_ATTR ENABLE_X_FORWARDED_HOST_VALIDATION EXTERNAL_REVERSE_PROXY TENANT_HOST_PATTERN
      CLIENT_CERTIFICATE_HEADER_NAME ZONE_INFO_CACHE_TTL ZONE_INFO_MAX_CACHE_TTL DIRECT_ROUTING_URI_PATTERNS OWN_SAP_CLOUD_SERVICE
      DISABLE_HTML5_REPO_KEEP_ALIVE ENABLE_LAZY_HTML5_TOKEN_EXCHANGE RETURN_LEP_APPLICATIONS SAAS_APPROUTER_EXCLUDED_PATH
      SERVICE_2_APPROUTER       SVC2AR_DIRECT_EXT_SESSION_ID_USAGE SVC2AR_EXTERNAL_SESSION_COOKIE_ENABLED
      SKIP_SERVICE2APPROUTER_APPTID_CHECK CF_NODEJS_LOGGING_LEVEL  LOGOUT_WITH_TOKEN_HINT
      ENABLE_CONNECTIVITY_TOKEN_EXCHANGE_WS`.split(/\s+/);
    const env = Object.fromEntries(mentioned.map((name) => [name, 'true']));
    const { port, output } = await runRouter({ xsApp: { authenticationMethod: 'none' }, env });
    expect(port).toBeGreaterThan(0);
    const lines = output()
      .split('\n')
      .filter((line) => line.includes('without effect'));
    expect(lines).toHaveLength(1);
    expect(mentioned.filter((name) => !lines[0]?.includes(`${name} (`))).toEqual([]);
    expect(Object.keys(ineffectiveVariables).filter((name) => !lines[0]?.includes(`${name} (`))).toEqual([
      'PKCE_ENABLED',
      'STATE_PARAMETER_SECRET',
    ]);
  });

  it('XS_CACERT_PATH that cannot be read is refused', async () => {
    const { ended, output } = await runRouter({
      xsApp: { authenticationMethod: 'none' },
      env: { XS_CACERT_PATH: '/nowhere/ca.pem' },
    });
    expect(await ended).toBe(1);
    expect(output()).toContain('XS_CACERT_PATH');
  });
});

function credentialsOf({ binding }: Xsuaa): Record<string, string> {
  return (binding as { xsuaa: { credentials: Record<string, string> }[] }).xsuaa[0]?.credentials ?? {};
}
