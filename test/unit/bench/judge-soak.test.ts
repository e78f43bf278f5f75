import { describe, expect, test } from 'vitest';
import { acts } from '../../../bench/soak/acts.ts';
import { isAlarming } from '../../../bench/soak/judge-line.ts';
import { judgeSoak, type SoakRecord } from '../../../bench/soak/judge-soak.ts';
import { planFor } from '../../../bench/soak/plan.ts';

const rest = {
  at: 0,
  heap: 40,
  external: 5,
  rss: 120,
  requests: 0,
  resources: { TCPServerWrap: 2, Timeout: 3 },
  listeners: { exit: 1 },
  held: { sessions: 0, tokens: 1, liveSessions: 0, inFlight: 0, backendConnections: 0 },
};
const counted = [
  'portunus_renewals_total{provider="oidc",outcome="ok"}',
  'portunus_reloads_total{outcome="taken"}',
  'portunus_credentials_total{destination="user",cache="miss"}',
  'portunus_credentials_total{destination="user",cache="hit"}',
  'portunus_logouts_total{by="provider"}',
  'portunus_logouts_total{by="expiry"}',
];
const good: SoakRecord = {
  plan: planFor(60, 'memory', 0),
  kinds: Object.fromEntries([...Object.keys(acts), '1 KB'].map((name) => [name, 10])),
  requests: 1_000,
  requestsMeasured: 900,
  faults: {},
  alarms: [],
  exit: undefined,
  looks: Array.from({ length: 30 }, (_, index) => ({ ...rest, at: index, requests: index * 30 })),
  base: rest,
  last: rest,
  seen: Object.fromEntries(counted.map((name) => [name, 5])),
};
const failing = (change: Partial<SoakRecord>) =>
  judgeSoak({ ...good, ...change }).flatMap(({ name, holds }) => (holds ? [] : [name]));

describe('a soak', () => {
  test('in which all was well holds', () => {
    expect(failing({})).toEqual([]);
  });

  test.each<[what: string, fails: string, change: Partial<SoakRecord>]>([
    ['the process ended', 'the process lived', { exit: 1 }],
    ['a signal ended it', 'the process lived', { exit: null }],
    ['an answer was wrong', 'every answer was right', { faults: { 'logout: 500 instead of 302': 1 } }],
    ['it warned', 'no line of alarm', { alarms: ['MaxListenersExceededWarning'] }],
    ['heap grew', 'heap does not grow', { looks: good.looks.map((look) => ({ ...look, heap: 40 + look.at })) }],
    ['buffers grew', 'external does not grow', { looks: good.looks.map((look) => ({ ...look, external: look.at })) }],
    ['memory grew', 'rss does not grow', { looks: good.looks.map((look) => ({ ...look, rss: 100 + look.at * 10 })) }],
    [
      'a timer was left',
      'everything was let go of',
      { last: { ...rest, resources: { ...rest.resources, Timeout: 4 } } },
    ],
    ['a socket was left', 'everything was let go of', { last: { ...rest, resources: { TCPSocketWrap: 1 } } }],
    ['a listener was left', 'everything was let go of', { last: { ...rest, listeners: { exit: 2 } } }],
    ['a session was left', 'everything was let go of', { last: { ...rest, held: { ...rest.held, sessions: 1 } } }],
    ['a token was left', 'everything was let go of', { last: { ...rest, held: { ...rest.held, tokens: 2 } } }],
    ['heap was left', 'everything was let go of', { last: { ...rest, heap: 48 } }],
    ['nobody looked at the end', 'everything was let go of', { last: undefined }],
    ['nobody logged out', 'everything was done', { kinds: { ...good.kinds, logout: 0 } }],
    ['nothing was renewed', 'everything was done', { seen: { ...good.seen, [counted[0] ?? '']: 0 } }],
  ])('in which %s does not', (_, fails, change) => {
    expect(failing(change)).toContain(fails);
  });

  test('in which the technical token had just ended when the base was looked at holds', () => {
    expect(failing({ base: { ...rest, held: { ...rest.held, tokens: 0 } } })).toEqual([]);
  });

  test('with fewer handles at the end than after the warm-up holds', () => {
    expect(failing({ last: { ...rest, resources: { TCPServerWrap: 2 } } })).toEqual([]);
  });
});

describe('a line of the router', () => {
  test.each([
    ['(node:7) MaxListenersExceededWarning: Possible EventEmitter memory leak detected.', 'stderr'],
    ['    at new Promise (<anonymous>)', 'stderr'],
    ['{"level":"error","code":"ERR_INTERNAL","msg":"ERR_INTERNAL"}', 'stdout'],
    ['{"level":"error","code":"ERR_SESSION_STORE","msg":"ERR_SESSION_STORE"}', 'stdout'],
    ['{"level":"warn","msg":"the session store is out of reach: 503 until it is back"}', 'stdout'],
    ['no JSON', 'stdout'],
  ] as const)('%s is alarming', (line, stream) => {
    expect(isAlarming(line, stream)).toBe(true);
  });

  test.each([
    ['', 'stderr'],
    ['Debugger listening on ws://127.0.0.1:9229/7d2c', 'stderr'],
    ['{"level":"info","msg":"audit","event":"refused"}', 'stdout'],
    ['{"level":"error","code":"ERR_UPSTREAM_UNREACHABLE","msg":"The backend cannot be reached."}', 'stdout'],
    ['{"level":"warn","msg":"destination \\"gone\\" cannot be reached and is given a pause: 503"}', 'stdout'],
  ] as const)('%s is not', (line, stream) => {
    expect(isAlarming(line, stream)).toBe(false);
  });
});
