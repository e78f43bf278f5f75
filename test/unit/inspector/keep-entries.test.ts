import { describe, expect, test } from 'vitest';
import { keepEntries } from '../../../src/inspector/keep-entries.ts';
import type { RequestFacts } from '../../../src/observe/event.ts';
import { createObserver } from '../../../src/observe/observer.ts';
import { Way } from '../../../src/observe/way.ts';

const factsOf = (path: string): RequestFacts => ({
  id: `id-of-${path}`,
  correlationId: 'c',
  method: 'GET',
  path,
  scheme: 'http',
  host: 'localhost:5000',
  peer: '127.0.0.1',
  httpVersion: '1.1',
  userAgent: 'test',
  isUpgrade: false,
  traceHeaders: {},
});

/** What is kept of the last `most` requests, and a way to send some. */
function open(most: number) {
  let changes = 0;
  const entries = keepEntries(most, () => {
    changes += 1;
  });
  const observer = createObserver((message) => {
    throw new Error(message);
  });
  observer.listen(entries.listener);
  const arrive = (path: string) => {
    const way = new Way(factsOf(path), undefined, observer);
    observer.tell({ kind: 'request-begun', way });
    return way;
  };
  return { entries, arrive, observer, changes: () => changes };
}

const answer = { status: 200, bytesOut: 120, bytesIn: 0 };
const paths = (entries: readonly { readonly path: string }[]) => entries.map(({ path }) => path);

describe('the memory is bounded', () => {
  test('of more requests the last ones are kept, with numbers that go on', () => {
    const { entries, arrive } = open(3);
    for (const path of ['/1', '/2', '/3', '/4', '/5']) arrive(path).end(answer);
    expect(entries.since(-1).map(({ number, path }) => [number, path])).toEqual([
      [3, '/3'],
      [4, '/4'],
      [5, '/5'],
    ]);
  });

  test('what a request does after it fell out is nothing any more', () => {
    const { entries, arrive } = open(1);
    const slow = arrive('/slow');
    arrive('/fast').end(answer);
    slow.begin('session', {}).end({ loggedIn: true });
    slow.end(answer);
    expect(paths(entries.since(-1))).toEqual(['/fast']);
  });

  test('one request can have no more than 60 steps', () => {
    const { entries, arrive } = open(1);
    const way = arrive('/much');
    for (let i = 0; i < 500; i += 1) way.begin('session', {}).end({ loggedIn: false });
    way.end(answer);
    expect(entries.since(-1)[0]?.steps).toHaveLength(60);
    expect(entries.since(-1)[0]?.end?.status).toBe(200);
  });
});

describe('what has changed', () => {
  test('since a state is given, and nothing else', () => {
    const { entries, arrive } = open(10);
    const first = arrive('/first');
    arrive('/second').end(answer);
    const seen = entries.state;
    expect(entries.since(seen)).toEqual([]);
    first.end({ ...answer, status: 502 });
    expect(entries.since(seen).map(({ path, end }) => [path, end?.status])).toEqual([['/first', 502]]);
  });

  test('clearing forgets everything and says so', () => {
    const { entries, arrive, changes } = open(10);
    arrive('/first').end(answer);
    const before = { changes: changes(), emptied: entries.emptied };
    entries.clear();
    expect(entries.since(-1)).toEqual([]);
    expect(entries.emptied).toBe(before.emptied + 1);
    expect(changes()).toBe(before.changes + 1);
  });
});

test('its own requests are not among them, or each look would make another one', () => {
  const { entries, arrive } = open(10);
  for (const path of ['/-/inspector', '/-/inspector/events', '/-/inspector/page.js']) arrive(path).end(answer);
  arrive('/-/inspectors').end(answer);
  expect(paths(entries.since(-1))).toEqual(['/-/inspectors']);
});

describe('a request is told from its arrival to its end', () => {
  test('route, verdict, steps with their times, error with its cure', () => {
    const { entries, arrive } = open(10);
    const way = arrive('/graph/me');
    way.routed({ name: 'routes/3', kind: 'route', source: '^/graph/', access: 'redirect' });
    way.judged({
      verdict: 'admitted',
      reason: undefined,
      user: { provider: 'oidc', scopes: ['openid'], claims: () => ({ sub: 's-1', email: 'mara@example.com' }) },
    });
    const step = way.begin('backend', {
      destination: 'graph',
      method: 'GET',
      url: 'https://graph.example/me',
      resend: 0,
    });
    expect(entries.since(-1)[0]?.steps).toMatchObject([{ kind: 'backend', outcome: 'open', milliseconds: null }]);
    step.fail({ code: 'ECONNREFUSED' });
    way.answers({
      code: 'ERR_UPSTREAM_UNREACHABLE',
      status: 502,
      detail: 'It cannot be reached.',
      hint: 'Start it.',
      members: { destination: 'graph' },
    });
    way.end({ status: 502, bytesOut: 300, bytesIn: undefined });
    expect(entries.since(-1)).toMatchObject([
      {
        id: 'id-of-/graph/me',
        route: { name: 'routes/3', source: '^/graph/' },
        judgement: { verdict: 'admitted', user: 'mara@example.com', provider: 'oidc' },
        destination: 'graph',
        steps: [{ kind: 'backend', outcome: 'failed', result: 'ECONNREFUSED', milliseconds: expect.any(Number) }],
        error: {
          code: 'ERR_UPSTREAM_UNREACHABLE',
          cure: 'Start it.',
          members: [{ name: 'destination', value: 'graph' }],
        },
        end: { status: 502, bytesIn: null, bytesOut: 300 },
      },
    ]);
  });

  describe('routes that nearly took it', () => {
    const near = (nearness: 'close' | 'alike', name: string) => ({ name, source: '^/x/', why: 'so', nearness });
    const both = () => [near('close', 'routes/0'), near('alike', 'routes/1')];
    const kept = (route: string | undefined, status: number, nearMisses = both) => {
      const { entries, arrive } = open(10);
      const way = arrive('/x');
      way.looksForRoute(nearMisses);
      if (route !== undefined) way.routed({ name: route, kind: 'route', source: '^/', access: 'public' });
      way.end({ ...answer, status });
      return entries.since(-1)[0]?.nearMisses.map(({ name }) => name);
    };

    test.each([
      ['none took it: all of them', undefined, 404, ['routes/0', 'routes/1']],
      ['nor the method: all of them', undefined, 405, ['routes/0', 'routes/1']],
      ['one took it that had nothing there: all of them', 'routes/9', 404, ['routes/0', 'routes/1']],
      ['one took it: those that are only alike are no news', 'routes/9', 200, ['routes/0']],
    ])('%s', (_, route, status, names) => {
      expect(kept(route, status)).toEqual(names);
    });

    test('are twenty at most', () => {
      const many = () => Array.from({ length: 500 }, (_, i) => near('close', `routes/${i}`));
      expect(kept(undefined, 404, many)).toHaveLength(20);
    });
  });

  test('token hop: both tokens’ claims, decoded at once', () => {
    const { entries, arrive } = open(10);
    const way = arrive('/graph/me');
    const subject = { iss: 'https://idp.example', sub: 'a', aud: 'us' };
    let sent: readonly [{ name: string; kind: 'plain'; value: string }] | undefined = [
      { name: 'requested_token_use', kind: 'plain', value: 'on_behalf_of' },
    ];
    const step = way.begin('token', {
      destination: 'graph',
      grant: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      url: 'https://idp.example/token',
      clientId: 'us',
      clientProof: 'private_key_jwt',
      subject: () => subject,
      sent: () => sent,
    });
    step.end({
      expiresAt: 1,
      scope: 'User.Read',
      issued: () => ({ kind: 'jwt', header: { alg: 'RS256' }, claims: { ...subject, aud: 'graph', scp: 'User.Read' } }),
    });
    sent = undefined; // what was sent is not kept for later
    const [shown] = entries.since(-1)[0]?.steps ?? [];
    expect(shown).toMatchObject({
      title: 'Token request: jwt-bearer',
      sent: [{ name: 'requested_token_use', value: 'on_behalf_of' }],
    });
    expect(shown?.hop?.rows.map(({ name, before, after, change }) => [name, before, after, change])).toEqual([
      ['iss', '"https://idp.example"', '"https://idp.example"', 'same'],
      ['sub', '"a"', '"a"', 'same'],
      ['aud', '"us"', '"graph"', 'changed'],
      ['scp', null, '"User.Read"', 'added'],
    ]);
  });
});
