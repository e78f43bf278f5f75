import { beforeAll, describe, expect, it } from 'vitest';
import { ask, type Question } from '../support/ask.ts';
import { openRouter, type Router, refusalsOf } from './support/open-router.ts';

/** xs-app.md 3.7: placeholders in static text files. */

const page = 'a={{A}} r={{{A}}} q={{Q}} e={{EMPTY}} u={{UNKNOWN}} s={{maps.key}} t={{{maps.deep.url}}} n={{NOT_NAMED}}';

let router: Router;
beforeAll(async () => {
  const replace = {
    pathSuffixes: ['.html', '/gate.txt', '/lock/sluice.js', '.json', '.css', '.js', '.odd', '.txt2'],
    vars: ['A', 'Q', 'EMPTY'],
    services: { maps: { tag: 'cartography', name: 'sea-maps', plan: 'deep' } },
  };
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/w/(.*)$', target: '$1', localDir: 'web', replace, cacheControl: 'no-cache' },
        {
          source: '^/exact/(.*)$',
          target: '$1',
          localDir: 'web',
          replace: { pathSuffixes: ['gate.html'], vars: ['A'] },
        },
      ],
    },
    env: {
      A: `<a href="x">'&</a> $1 $&`,
      Q: 'plain',
      NOT_NAMED: 'never shown',
      VCAP_SERVICES: {
        maps: [
          { name: 'land-maps', tags: ['cartography'], credentials: { key: 'wrong' } },
          {
            name: 'sea-maps',
            plan: 'deep',
            tags: ['cartography'],
            credentials: { key: '"k"', deep: { url: 'https://maps.example/?a&b' } },
          },
        ],
      },
    },
    files: {
      'web/page.html': page,
      'web/index.html': 'index {{Q}}',
      'web/utf8.html': 'ä€𝄞 {{Q}}',
      'web/odd.html': '{{ Q }} {{Q} {Q}} {{{Q}} {{}} {{{{Q}}}} {{Q}}{{Q}}',
      'web/gate.txt': 'gate {{Q}}',
      'web/floodgate.txt': 'flood {{Q}}',
      'web/sub/gate.txt': 'sub {{Q}}',
      'web/lock/sluice.js': 'lock {{Q}}',
      'web/x.json': '{{Q}}',
      'web/x.css': '{{Q}}',
      'web/x.js': '{{Q}}',
      'web/x.odd': '{{Q}}',
      'web/x.xml': '{{Q}}',
      'web/x.txt': '{{Q}}',
      'web/.hidden.html': '{{Q}}',
      'web/gate.html': '{{A}}',
      'web/floodgate.html': '{{A}}',
      'web/other.html': '{{A}}',
      'web/folder.html/x.html': 'in a folder {{Q}}',
      'web/dock;bay=2/index.html': 'params {{Q}}',
    },
  });
});

const get = (target: string, question?: Question) => ask(router.origin, target, question);

describe('values', () => {
  it('stand escaped in double braces, as they are in triple ones, and empty when nothing is known', async () => {
    expect((await get('/w/page.html')).text).toBe(
      [
        'a=&lt;a href=&quot;x&quot;&gt;&#39;&amp;&lt;/a&gt; $1 $&amp;',
        `r=<a href="x">'&</a> $1 $&`,
        'q=plain',
        'e=',
        'u=',
        's=&quot;k&quot;',
        't=https://maps.example/?a&b',
        'n=',
      ].join(' '),
    );
  });

  it('files are UTF-8', async () => {
    expect((await get('/w/utf8.html')).text).toBe('ä€𝄞 plain');
  });

  it('what is no placeholder stays', async () => {
    const { text } = await get('/w/odd.html');
    expect(text).toContain('{{Q} {Q}}');
    expect(text.endsWith('plainplain')).toBe(true);
  });
});

describe('which files', () => {
  it.each<[what: string, target: string, text: string]>([
    ['a suffix of the name', '/exact/gate.html', '&lt;a'],
    ['a suffix of a longer name', '/exact/floodgate.html', '&lt;a'],
    ['another name', '/exact/other.html', '{{A}}'],
    ['a whole name', '/w/gate.txt', 'gate plain'],
    ['a whole name in a folder', '/w/sub/gate.txt', 'sub plain'],
    ['a whole name is no suffix', '/w/floodgate.txt', 'flood {{Q}}'],
    ['a name in a folder', '/w/lock/sluice.js', 'lock plain'],
    ['a type that is not named', '/w/x.xml', '{{Q}}'],
    ['the index of a folder', '/w/', 'index plain'],
    ['a file in a folder whose name ends so', '/w/folder.html/x.html', 'in a folder plain'],
    ['a query behind', '/w/gate.txt?v=1', 'gate plain'],
    ['path parameters', '/w/dock;bay=2/index.html', 'params {{Q}}'],
    ['escaped path parameters', '/w/dock%3Bbay=2/index.html', 'params {{Q}}'],
  ])('%s: %s', async (_, target, text) => {
    const reply = await get(target);
    expect(reply.status).toBe(200);
    expect(reply.text.startsWith(text)).toBe(true);
  });

  it.each([
    ['/w/.hidden.html', 404],
    ['/w/none.html', 404],
    ['/w/folder.html', 301],
  ])('%s is %i', async (target, status) => {
    expect((await get(target)).status).toBe(status);
  });
});

describe('the answer', () => {
  it.each<[name: string, type: string]>([
    ['page.html', 'text/html'],
    ['x.json', 'application/json'],
    ['gate.txt', 'text/plain'],
    ['x.js', 'application/javascript'],
    ['x.css', 'text/css'],
    ['x.odd', 'text/html'],
  ])('%s is %s, chunked, without ETag, Last-Modified and ranges', async (name, type) => {
    const { headers, status } = await get(`/w/${name}`, { headers: { range: 'bytes=0-0' } });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(type);
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(headers['cache-control']).toBe('no-cache');
    for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-range', 'content-length'])
      expect(headers[name]).toBeUndefined();
  });

  it('HEAD has its headers and no body', async () => {
    const { status, headers, text } = await get('/w/page.html', { method: 'HEAD' });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html');
    expect(text).toBe('');
  });

  it('other methods are 405', async () => {
    expect((await get('/w/page.html', { method: 'PUT' })).status).toBe(405);
  });

  it('a file of the route that matches no suffix has what static files have', async () => {
    const { headers } = await get('/w/x.xml');
    expect(headers.etag).toMatch(/^W\//);
    expect(headers['accept-ranges']).toBe('bytes');
  });
});

describe('the query of a service', () => {
  const binding = (name: string, more: object) => ({ name, credentials: { key: name }, ...more });
  const VCAP_SERVICES = {
    charts: [
      binding('north', { label: 'charts', plan: 'small', tags: ['sea'] }),
      binding('south', { label: 'charts', plan: 'large', tags: ['sea', 'ice'] }),
    ],
    locks: [binding('west', { label: 'locks', plan: 'large' })],
  };
  const setup = (query: unknown) => ({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        {
          source: '^/(.*)$',
          target: '$1',
          localDir: 'web',
          replace: { pathSuffixes: ['.html'], services: { s: query } },
        },
      ],
    },
    env: { VCAP_SERVICES },
    files: { 'web/a.html': '{{s.key}}' },
  });

  it.each<[query: unknown, found: string]>([
    ['south', 'south'],
    ['west', 'west'],
    [{ name: 'south' }, 'south'],
    [{ tag: 'ice' }, 'south'],
    [{ tag: 'sea' }, 'north'],
    [{ label: 'locks' }, 'west'],
    [{ plan: 'large' }, 'south'],
    [{ plan: 'large', label: 'locks' }, 'west'],
  ])('%j finds %s', async (query, found) => {
    const { origin } = await openRouter(setup(query));
    expect((await ask(origin, '/a.html')).text).toBe(found);
  });

  it.each(['sout', 'South', 'charts', 'sea', { name: 'south', plan: 'small' }, { tag: 'fog' }, { key: 'south' }])(
    '%j finds none, and the start is refused',
    async (query) => {
      expect(await refusalsOf(setup(query))).toEqual([expect.stringMatching(/replace.services.s/)]);
    },
  );
});
