import { describe, expect, test } from 'vitest';
import { type OutgoingInput, outgoingHeaders } from '../../../src/forwarding/outgoing-headers.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { flat, namesOf, valuesOf } from '../../support/flat-headers.ts';
import { targetOf } from '../../support/target-of.ts';

type Pairs = readonly (readonly [string, string])[];

/** What the upstream gets for what a client sent. */
function sent(pairs: Pairs, told: Partial<OutgoingInput> = {}): string[] {
  return outgoingHeaders({
    rawHeaders: flat(pairs),
    arrival: arrivalOf(),
    target: targetOf(),
    credential: { kind: 'none' },
    hideAuthorization: false,
    cookie: undefined,
    hideCsrfToken: true,
    tenantId: undefined,
    ...told,
  });
}

const trusted = { arrival: arrivalOf({ trusted: true }) };
const bearer = { kind: 'header', name: 'authorization', value: 'Bearer ours' } as const;

/** Spellings that WSGI and CGI servers read as one header (T-10). */
function aliases(name: string): string[] {
  const spelled = new Set([
    name,
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replaceAll('-', '_').toUpperCase(),
  ]);
  if (name.includes('-')) {
    spelled.add(name.replace('-', '_'));
    const last = name.lastIndexOf('-');
    spelled.add(`${name.slice(0, last)}_${name.slice(last + 1)}`);
  }
  spelled.add(name.replaceAll('_', '-'));
  return [...spelled];
}

/** Names as a WSGI server sees them. */
const normalized = (headers: readonly string[]) => namesOf(headers).map((name) => name.replaceAll('-', '_'));

describe('what is nobody’s business passes unchanged (xs-app.md 8.1)', () => {
  const ordinary: Pairs = [
    ['Accept', 'application/json'],
    ['Accept-Encoding', 'gzip, br'],
    ['User-Agent', 'Mozilla/5.0'],
    ['If-None-Match', 'W/"1"'],
    ['Content-Type', 'multipart/mixed; boundary=x'],
    ['Content-Length', '12'],
    ['X-Custom', 'one'],
    ['X-Custom', 'two'],
    ['x_custom_thing', 'kept as it is'],
    ['X-Requested-With', 'XMLHttpRequest'],
    ['Sec-WebSocket-Protocol', 'v1'],
    ['Origin', 'https://harbour.example'],
    ['X-HTTP-Method-Override', 'DELETE'],
  ];

  test('name, case, value, order and number', () => {
    expect(sent(ordinary).slice(0, ordinary.length * 2)).toEqual(flat(ordinary));
  });
});

describe('hop-by-hop headers stay here (RFC 9110 7.6.1, T-14)', () => {
  test.each([
    ['Connection', 'keep-alive'],
    ['Keep-Alive', 'timeout=5'],
    ['Public', 'x'],
    ['Proxy-Authenticate', 'Basic'],
    ['Proxy-Authorization', 'Basic x'],
    ['Proxy-Connection', 'keep-alive'],
    ['TE', 'gzip'],
    ['Trailer', 'x-checksum'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'websocket'],
    ['Expect', '100-continue'],
    ['Host', 'harbour.example'],
  ])('%s: %s', (name, value) => {
    expect(namesOf(sent([[name, value]]))).not.toContain(name.toLowerCase());
  });

  test('te: trailers alone may pass', () => {
    expect(valuesOf(sent([['TE', 'trailers']]), 'te')).toEqual(['trailers']);
    expect(valuesOf(sent([['TE', 'trailers, gzip']]), 'te')).toEqual([]);
  });

  test('so does whatever Connection names, in any case, on any of its lines', () => {
    const headers = sent([
      ['Connection', 'close, X-One'],
      ['connection', 'x-two ,X-THREE'],
      ['X-One', '1'],
      ['x-two', '2'],
      ['X-Three', '3'],
      ['X-Four', '4'],
    ]);
    expect(namesOf(headers).filter((name) => /^x-(one|two|three|four)$/.test(name))).toEqual(['x-four']);
  });

  test('but Connection takes away nothing that we set', () => {
    const headers = sent(
      [
        [
          'Connection',
          'close, authorization, cookie, x-forwarded-host, x-forwarded-for, x-forwarded-proto, x-forwarded-path, tenantid, x-correlationid, sap-client, host',
        ],
      ],
      {
        credential: bearer,
        cookie: 'kept=1',
        tenantId: 'zone',
        target: targetOf({ headers: { 'sap-client': '100' }, preserveHostHeader: true }),
      },
    );
    expect(valuesOf(headers, 'authorization')).toEqual(['Bearer ours']);
    expect(valuesOf(headers, 'cookie')).toEqual(['kept=1']);
    expect(valuesOf(headers, 'x-forwarded-host')).toEqual(['harbour.example']);
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['203.0.113.9']);
    expect(valuesOf(headers, 'tenantid')).toEqual(['zone']);
    expect(valuesOf(headers, 'sap-client')).toEqual(['100']);
    expect(valuesOf(headers, 'x-correlationid')).toHaveLength(1);
    expect(valuesOf(headers, 'host')).toEqual(['harbour.example']);
  });
});

describe('forwarding headers', () => {
  const lies: Pairs = [
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'gopher'],
    ['X-Forwarded-Path', '/evil'],
    ['X-Forwarded-For', '6.6.6.6'],
    ['X-Forwarded-Port', '666'],
    ['X-Forwarded-Prefix', '/evil'],
    ['X-Forwarded-Uri', '/evil'],
    ['X-Forwarded-Email', 'root@evil.example'],
    ['X-Forwarded-Client-Cert', 'Hash=6'],
    ['Forwarded', 'for=6.6.6.6'],
    ['X-Real-IP', '6.6.6.6'],
    ['X-Custom-Host', 'evil.example'],
  ];
  const spelledLies = lies.flatMap(([name, value]) => aliases(name).map((alias) => [alias, value] as const));

  test('of a stranger are replaced by the truth, whatever their spelling (T-10, T-11)', () => {
    const headers = sent(spelledLies);
    expect(headers.filter((text) => /evil|6\.6\.6\.6|gopher|666|Hash=/.test(text))).toEqual([]);
    expect(valuesOf(headers, 'x-forwarded-host')).toEqual(['harbour.example']);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf(headers, 'x-forwarded-path')).toEqual(['/quay/7']);
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['203.0.113.9']);
  });

  test('the path is told without its query', () => {
    expect(valuesOf(sent([], { arrival: arrivalOf({ url: '/a%20b?token=x' }) }), 'x-forwarded-path')).toEqual([
      '/a%20b',
    ]);
  });

  test('of a trusted peer are kept, and the peer is added to the chain', () => {
    const headers = sent(
      [
        ['X-Forwarded-Host', 'public.example'],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Path', '/outside'],
        ['X-Forwarded-For', '10.9.8.7'],
        ['X-Forwarded-Port', '443'],
      ],
      trusted,
    );
    expect(valuesOf(headers, 'x-forwarded-host')).toEqual(['public.example']);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf(headers, 'x-forwarded-path')).toEqual(['/outside']);
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['10.9.8.7, 203.0.113.9']);
    expect(valuesOf(headers, 'x-forwarded-port')).toEqual(['443']);
  });

  test('a chain on several lines stays one chain, in order', () => {
    const chain: Pairs = [
      ['X-Forwarded-For', '1.1.1.1'],
      ['x-forwarded-for', '2.2.2.2, 3.3.3.3'],
    ];
    expect(valuesOf(sent(chain, trusted), 'x-forwarded-for')).toEqual(['1.1.1.1, 2.2.2.2, 3.3.3.3, 203.0.113.9']);
  });

  test('what a trusted peer leaves out is added', () => {
    expect(valuesOf(sent([['X-Forwarded-Host', 'public.example']], trusted), 'x-forwarded-proto')).toEqual(['https']);
  });

  test('and the empty ones count as left out', () => {
    const empty = ['host', 'proto', 'path', 'for'].map((of) => [`x-forwarded-${of}`, ''] as const);
    const headers = sent(empty, trusted);
    expect(valuesOf(headers, 'x-forwarded-host')).toEqual(['harbour.example']);
    expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf(headers, 'x-forwarded-path')).toEqual(['/quay/7']);
    expect(valuesOf(headers, 'x-forwarded-for')).toEqual(['203.0.113.9']);
  });

  test('even behind a trusted peer, spellings with _ are the client’s own and go (T-10)', () => {
    const underscored = spelledLies.filter(([name]) => name.includes('_'));
    expect(sent(underscored, trusted).filter((text) => /evil|6\.6\.6\.6|gopher|666|Hash=/.test(text))).toEqual([]);
  });

  test('a client certificate header is nobody’s to pass on, trusted or not (T-13)', () => {
    expect(namesOf(sent([['X-Forwarded-Client-Cert', 'x']], trusted))).not.toContain('x-forwarded-client-cert');
  });

  test('setXForwardedHeaders false: none at all, whoever sent them', () => {
    const target = targetOf({ setXForwardedHeaders: false });
    for (const told of [{ target }, { target, ...trusted }])
      expect(namesOf(sent(spelledLies, told)).filter((name) => name.includes('forwarded'))).toEqual([]);
  });
});

describe('what clients must not say to an upstream, in any spelling (T-10, T-12, T-13)', () => {
  const never = [
    'x-ias-token',
    'proxy-authorization',
    'sap-connectivity-authentication',
    'sap-connectivity-scc-location_id',
    'sap-connectivity-technical-authentication',
    'x-approuter-authorization',
    'x-approuter-access-token',
    'x-approuter-ext-session-id',
    'x-approuter-anything-new',
    'x-forwarded-client-cert',
    'tenantid',
  ];

  test.each(never.flatMap((name) => aliases(name).map((alias) => [alias, name] as const)))('%s', (alias, name) => {
    for (const told of [{}, trusted])
      expect(normalized(sent([[alias, 'evil']], told))).not.toContain(name.replaceAll('-', '_'));
  });
});

describe('Authorization', () => {
  const client: Pairs = [
    ['Authorization', 'Bearer theirs'],
    ['authorization', 'Basic theirs'],
  ];

  test('a credential replaces the client’s, all of them', () => {
    expect(valuesOf(sent(client, { credential: bearer }), 'authorization')).toEqual(['Bearer ours']);
  });

  test('a destination that expects ours sees no other, even when we have none to show', () => {
    expect(valuesOf(sent(client, { hideAuthorization: true }), 'authorization')).toEqual([]);
  });

  test('a destination without authentication sees the client’s (8.1)', () => {
    expect(valuesOf(sent(client), 'authorization')).toEqual(['Bearer theirs', 'Basic theirs']);
  });

  test.each(aliases('x-api-key'))('a credential in a header of its own replaces that one too: %s', (alias) => {
    const credential = { kind: 'header', name: 'X-Api-Key', value: 'ours' } as const;
    const headers = sent([[alias, 'theirs'], ...client], { credential });
    expect(headers.filter((text) => text.includes('theirs'))).toEqual([]);
    expect(valuesOf(headers, 'x-api-key')).toEqual(['ours']);
  });

  test('a header configured at the destination stands beside no credential of the same name', () => {
    const target = targetOf({ headers: { authorization: 'Basic configured' } });
    expect(valuesOf(sent([], { target, credential: bearer }), 'authorization')).toEqual(['Bearer ours']);
  });
});

describe('cookies', () => {
  test('the client’s Cookie lines never pass by themselves, only what was settled for this destination', () => {
    const client: Pairs = [
      ['Cookie', 'JSESSIONID=s%3Ax; a=1'],
      ['cookie', 'b=2'],
    ];
    expect(valuesOf(sent(client, { cookie: 'a=1; kept=2' }), 'cookie')).toEqual(['a=1; kept=2']);
    expect(valuesOf(sent(client), 'cookie')).toEqual([]);
  });
});

describe('the CSRF token (xs-app.md section 7)', () => {
  test.each(aliases('x-csrf-token'))('meant for us, it stays here: %s', (alias) => {
    for (const value of ['fetch', 'the-token'])
      expect(normalized(sent([[alias, value]], { hideCsrfToken: true }))).not.toContain('x_csrf_token');
  });

  test('meant for the backend, it passes', () => {
    expect(valuesOf(sent([['X-CSRF-Token', 'fetch']], { hideCsrfToken: false }), 'x-csrf-token')).toEqual(['fetch']);
  });
});

describe('what is added', () => {
  test('a correlation id where the one that the request brings is empty', () => {
    for (const name of ['X-Correlation-ID', 'X-CorrelationID'])
      expect(valuesOf(sent([[name, '']]), 'x-correlationid')).toEqual(['request-0001']);
  });

  test('a correlation id, unless the request brings one', () => {
    expect(valuesOf(sent([]), 'x-correlationid')).toEqual(['request-0001']);
    expect(valuesOf(sent([['X-CorrelationID', 'theirs']]), 'x-correlationid')).toEqual(['theirs']);
    expect(namesOf(sent([['X-Correlation-ID', 'theirs']]))).not.toContain('x-correlationid');
  });

  test('the zone, on every request while an XSUAA is bound; never the client’s', () => {
    expect(valuesOf(sent([['TenantId', 'evil']], { tenantId: 'zone' }), 'tenantid')).toEqual(['zone']);
    expect(valuesOf(sent([['TenantId', 'evil']]), 'tenantid')).toEqual([]);
  });

  test('headers of the destination, unless the request has them already (5.2)', () => {
    const target = targetOf({ headers: { 'sap-client': '100', apikey: 'k' } });
    const headers = sent([['SAP-Client', '200']], { target });
    expect(valuesOf(headers, 'sap-client')).toEqual(['200']);
    expect(valuesOf(headers, 'apikey')).toEqual(['k']);
  });

  test('the client’s host where the destination wants it', () => {
    expect(valuesOf(sent([['Host', 'x']], { target: targetOf({ preserveHostHeader: true }) }), 'host')).toEqual([
      'harbour.example',
    ]);
    expect(valuesOf(sent([['Host', 'x']]), 'host')).toEqual([]);
  });
});

test('whatever a client sends, each header that we set arrives once, with our value (T-10, property)', () => {
  const ours = [
    'authorization',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-path',
    'x-forwarded-for',
    'tenantid',
    'cookie',
  ];
  const client = ours.flatMap((name) =>
    aliases(name).flatMap(
      (alias) =>
        [
          [alias, 'evil'],
          [alias, 'evil2'],
        ] as const,
    ),
  );
  const headers = sent(client, { credential: bearer, tenantId: 'zone', cookie: 'kept=1' });
  for (const name of ours)
    expect
      .soft(
        normalized(headers).filter((found) => found === name.replaceAll('-', '_')),
        name,
      )
      .toHaveLength(1);
  expect(headers.filter((text) => text.startsWith('evil'))).toEqual([]);
});
