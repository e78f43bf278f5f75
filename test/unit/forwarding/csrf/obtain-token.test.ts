import type { Request } from 'express';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Destination } from '../../../../src/destinations/destination.ts';
import type { ForwardRules } from '../../../../src/forwarding/backend-call.ts';
import type { BrokeredTrip } from '../../../../src/forwarding/csrf/fetch-token.ts';
import { createKeptTokens } from '../../../../src/forwarding/csrf/kept-tokens.ts';
import { createObtainToken, type ObtainToken } from '../../../../src/forwarding/csrf/obtain-token.ts';
import type { KeptCookie } from '../../../../src/session/session-data.ts';
import type { Credential } from '../../../../src/tokens/credential.ts';
import { arrivalOf } from '../../../support/arrival-of.ts';
import { targetOf } from '../../../support/target-of.ts';

/** A backend that gives a token of a new number each time, and its session's cookie to who brings none. */
let given: string[];
let obtain: ObtainToken;
let rules: ForwardRules;
let attributes: string;
beforeEach(() => {
  given = [];
  attributes = 'Path=/';
  const pool = {
    async request({ headers }: { readonly headers: readonly string[] }) {
      const token = `t${given.length}`;
      given.push(token);
      await Promise.resolve();
      const cookies = headers.some((text) => /^SID=/.test(text))
        ? []
        : ['set-cookie', `SID=${given.length}; ${attributes}`];
      return {
        statusCode: 200,
        headers: ['x-csrf-token', token, ...cookies],
        body: { dump: async () => {} },
      };
    },
  };
  rules = {
    pools: { of: () => pool },
    crowd: {
      seatsOf: () => ({ usedAt: undefined, waiting: 0, take: () => true, line() {}, leave() {}, giveUp: () => false }),
    },
    isOwnCookie: () => false,
    tenantId: undefined,
  } as unknown as ForwardRules;
  obtain = createObtainToken(rules, createKeptTokens());
});

const bearer = (value: string): Credential => ({ kind: 'header', name: 'authorization', value });
const sid = (value: string): KeptCookie => ({ name: 'SID', value, path: '/', secure: false });
const destination = {
  ...targetOf({ csrf: { path: undefined } }),
  authentication: 'NoAuthentication',
  forwardAuthToken: false,
} as unknown as Destination;
/** Long ago: what is kept afterwards does not know the jar better. */
const requestWith = (headers: Record<string, string> = {}, startedAt = Number.POSITIVE_INFINITY) =>
  ({
    headers,
    rawHeaders: Object.entries(headers).flat(),
    arrival: { ...arrivalOf({ method: 'POST' }), startedAt },
  }) as unknown as Request;
const tripWith = (told: Partial<BrokeredTrip> = {}): BrokeredTrip =>
  ({
    admitted: { route: { access: { kind: 'public' }, setBackendSessionCookies: false } },
    destination,
    path: '/orders',
    credential: bearer('Bearer ada'),
    renew: undefined,
    authorizationIsOurs: false,
    clientCookie: undefined,
    keptCookies: [sid('1')],
    keep: async () => {},
    brokering: { owner: 'session', as: 'login', fillsJar: true },
    ...told,
  }) as unknown as BrokeredTrip;
const brokering = (told: object) => ({ brokering: { owner: 'session', as: 'login', fillsJar: true, ...told } });

test('the same asked again has it at hand', async () => {
  for (const _ of [1, 2]) expect((await obtain(requestWith(), tripWith(), undefined)).token).toBe('t0');
});

describe('a token is for exactly what it was given for (T-40): it is not used', () => {
  test.each<[string, Partial<BrokeredTrip>, Record<string, string>?]>([
    ['in another session', brokering({ owner: 'other' })],
    ['for another login in the same', brokering({ as: 'other' })],
    ['where cookies are kept otherwise', brokering({ fillsJar: false })],
    ['for nobody', brokering({ owner: undefined })],
    ['with another credential', { credential: bearer('Bearer ben') }],
    ['with the same in another header', { credential: { kind: 'header', name: 'apikey', value: 'Bearer ada' } }],
    ['without a credential', { credential: { kind: 'none' } }],
    ['with an Authorization of the client', {}, { authorization: 'Basic ben' }],
    ['in another client of the system', {}, { 'sap-client': '200' }],
    ['at another destination', { destination: { ...destination, fingerprint: 'g' } as Destination }],
    ['at another service', { path: '/sap/opu/odata/sap/API_X/Set' }],
    ['in another client, by the query', { path: '/orders?sap-client=200' }],
    ['with another session of the backend', { keptCookies: [sid('2')] }],
    ['with none', { keptCookies: [] }],
  ])('%s', async (_, other, headers = {}) => {
    await obtain(requestWith(), tripWith(), undefined);
    expect((await obtain(requestWith(headers), tripWith(other), undefined)).token).toBe('t1');
    expect(given).toHaveLength(2);
  });

  test.each<[string, Partial<BrokeredTrip>]>([
    ['in another session', brokering({ owner: 'other' })],
    ['for another login', brokering({ as: 'other' })],
    ['with another credential', { credential: bearer('Bearer ben') }],
    ['with another session of the backend', { keptCookies: [sid('2')] }],
    ['for nobody', brokering({ owner: undefined })],
  ])('nor waited for while it is being fetched: %s', async (_, other) => {
    const both = await Promise.all([tripWith(), tripWith(other)].map((trip) => obtain(requestWith(), trip, undefined)));
    expect(both.map(({ token }) => token)).toEqual(['t0', 't1']);
  });
});

describe('cookies', () => {
  test('that came with it go into the jar once, and along with all who waited', async () => {
    const kept: unknown[] = [];
    const trip = tripWith({ keptCookies: [], keep: async (cookies) => void kept.push(cookies) });
    const all = await Promise.all([1, 2, 3].map(() => obtain(requestWith(), trip, undefined)));
    for (const { token, cookies } of all) expect([token, cookies]).toEqual(['t0', [sid('1')]]);
    expect(kept).toEqual([[sid('1')]]);
  });

  test('that a request does not know yet, as it came before, it gets with the token', async () => {
    await obtain(requestWith({}, performance.now()), tripWith({ keptCookies: [] }), undefined);
    const { token, cookies } = await obtain(requestWith({}, 0), tripWith({ keptCookies: [] }), undefined);
    expect([token, cookies]).toEqual(['t0', [sid('1')]]);
  });

  test.each([true, false])(
    'for another path than the request’s: the token is none for it (fillsJar: %s)',
    async (fillsJar) => {
      attributes = 'Path=/api/a';
      const at = (path: string) =>
        obtain(requestWith(), tripWith({ path, keptCookies: [], ...brokering({ fillsJar }) }), undefined);
      await at('/a/1');
      expect((await at('/b/1')).token).toBe('t1');
    },
  );

  test('that are with the token alone go along where nothing is put into the jar', async () => {
    const trip = tripWith({ keptCookies: [], ...brokering({ fillsJar: false }) });
    for (const _ of [1, 2]) {
      const { token, cookies, jar } = await obtain(requestWith(), trip, undefined);
      expect([token, cookies, jar]).toEqual(['t0', [sid('1')], []]);
    }
  });

  test('of others beside them do not matter', async () => {
    const more = { name: 'lang', value: 'de', path: '/', secure: false };
    await obtain(requestWith(), tripWith(), undefined);
    expect((await obtain(requestWith(), tripWith({ keptCookies: [sid('1'), more] }), undefined)).token).toBe('t0');
  });
});

test('one that was refused is fetched anew', async () => {
  const first = await obtain(requestWith(), tripWith(), undefined);
  first.refuse();
  const second = await obtain(requestWith(), tripWith(), undefined);
  first.refuse(); // late: another has taken its place
  expect([second.token, (await obtain(requestWith(), tripWith(), undefined)).token]).toEqual(['t1', 't1']);
});

test('a failure is shared by who waits, and not remembered', async () => {
  const { pools } = rules;
  let fails = true;
  Object.assign(rules, {
    pools: { of: () => (fails ? { request: () => Promise.reject(new Error('down')) } : pools.of(destination)) },
  });
  const both = await Promise.allSettled([1, 2].map(() => obtain(requestWith(), tripWith(), undefined)));
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect((await obtain(requestWith(), tripWith(), undefined)).token).toBe('t0');
});
