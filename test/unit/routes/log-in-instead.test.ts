import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import type { Tokens } from '../../../src/tokens/obtain-credential.ts';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse } from '../../support/make-house.ts';
import { logIn, stateOf, type Visitor, visitor } from '../../support/visitor.ts';

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const challenge = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
const page = { accept: 'text/html' };
const json = { accept: 'application/json' };

let upstream: Upstream;
let made: LoginHouse;
let browser: Visitor;
/** What the destination's token service says; undefined: here is a credential. */
let refusal: AppError | undefined;

beforeAll(async () => {
  upstream = await startUpstream();
  made = await loginHouse(
    {
      xsApp: { routes: [{ source: '^/api/', destination: 'b', csrfProtection: false }] },
      env: { destinations: [{ name: 'b', url: upstream.origin }] },
    },
    { ada: {} },
  );
  const tokens = made.house.tokens as { -readonly [K in keyof Tokens]: Tokens[K] };
  tokens.obtain = () => {
    if (refusal !== undefined) throw refusal;
    return { kind: 'none' };
  };
});

beforeEach(async () => {
  upstream.reset();
  refusal = undefined;
  browser = visitor(made.app);
  await logIn(browser, 'ada', '/api/x');
});

const userMustAct = () =>
  new AppError({ code: 'ERR_TOKEN_SERVICE', status: 401, headers: { 'www-authenticate': challenge } });

/** Ten minutes later, for the clock and nobody else. */
async function later<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ now: Date.now() + 600_000, toFake: ['Date'] });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

describe('a token that only the user can mend (token-flows.md A10)', () => {
  test('a navigation becomes a login that asks for what is missing, and comes back', async () => {
    refusal = userMustAct();
    const answer = await later(() => browser.get('/api/x?y=1').set(page));
    expect(answer.status).toBe(302);
    expect(new URL(answer.headers['location'] ?? '').searchParams.get('claims')).toBe(claims);
    expect(upstream.calls).toHaveLength(0);
    refusal = undefined;
    const landed = await later(() => browser.get(`/login/callback?code=ada&state=${stateOf(answer)}`));
    expect(landed.headers['location']).toBe('/api/x?y=1');
  });

  test('a script is told where to log in, with the claims', async () => {
    refusal = userMustAct();
    const answer = await later(() => browser.get('/api/x').set(json));
    expect(answer.status).toBe(401);
    const { loginUrl } = JSON.parse(answer.text ?? answer.body.toString());
    expect(new URL(loginUrl, 'http://h').searchParams.get('claims')).toBe(claims);
    expect(answer.headers['www-authenticate']).toBe(challenge);
  });

  test('so is a POST: it could not be repeated', async () => {
    refusal = userMustAct();
    expect((await later(() => browser.post('/api/x').set(page))).status).toBe(401);
  });

  test('right after a login another one would bring nothing: no circle', async () => {
    refusal = userMustAct();
    const answer = await browser.get('/api/x').set(page);
    expect(answer.status).toBe(401);
    expect(answer.headers['location']).toBeUndefined();
  });
});

describe('anything else is no reason to log in', () => {
  test.each([502, 403, 500])('%i', async (status) => {
    refusal = new AppError({ code: 'ERR_TOKEN_SERVICE', status, detail: 'The token service is down.' });
    const answer = await later(() => browser.get('/api/x').set(page));
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('The token service is down.');
    expect(answer.text).not.toContain('/-/login');
    expect(upstream.calls).toHaveLength(0);
  });
});

describe('/-/login hands claims on where they are a JSON object', () => {
  test.each([
    [claims, claims],
    ['no JSON', null],
    ['"text"', null],
    ['[]', null],
    [`{"a":"${'x'.repeat(3_000)}"}`, null],
  ])('%s', async (text, expected) => {
    const answer = await browser.get(`/-/login?claims=${encodeURIComponent(text)}`).set(page);
    expect(new URL(answer.headers['location'] ?? '').searchParams.get('claims')).toBe(expected);
  });
});
