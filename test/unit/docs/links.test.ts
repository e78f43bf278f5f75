import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, readPages, root } from './read-pages.ts';

const pages = readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));
const links = pages.flatMap((page) => {
  const inline = [...page.prose.matchAll(/!?\[[^\]]*\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, to = '']) => to);
  const html = [...page.prose.matchAll(/<(?:a|img|source)\b[^>]*\b(?:href|src|srcset)="([^"]+)"/g)].map(
    ([, to = '']) => to,
  );
  return [...inline, ...html]
    .filter((to) => !/^[a-z][a-z+.-]*:/i.test(to))
    .map((to) => {
      const [file = '', anchor] = to.split('#');
      const target = file === '' ? page.path : path.posix.join(path.posix.dirname(page.path), decodeURI(file));
      return { told: `${page.path}: ${to}`, target, anchor };
    });
});

describe('links in the pages', () => {
  test('were found', () => {
    expect(pages.length).toBeGreaterThan(30);
    expect(links.length).toBeGreaterThan(100);
  });

  test('lead to files that are there', () => {
    const dead = links.filter(({ target }) => target.startsWith('..') || !existsSync(path.join(root, target)));
    expect(dead.map(({ told }) => told)).toEqual([]);
  });

  test('lead to headings that are there', () => {
    const dead = links.filter(({ target, anchor }) => {
      const page = byPath.get(target);
      return anchor !== undefined && page !== undefined && !anchorsOf(page).includes(decodeURIComponent(anchor));
    });
    expect(dead.map(({ told }) => told)).toEqual([]);
  });

  test('headings become anchors as GitHub makes them', () => {
    const text =
      "# Who gets the token?\n## `GET /-/session`: who\n## Use\n## Use\n```sh\n# no heading\n```\n## Don't [link](x.md)\n";
    expect(anchorsOf({ path: 'x.md', text, prose: text })).toEqual([
      'who-gets-the-token',
      'get--session-who',
      'use',
      'use-1',
      'dont-link',
    ]);
  });
});

test('docs/README.md leads to every page of the documentation', () => {
  const reached = new Set(links.filter(({ told }) => told.startsWith('docs/README.md:')).map(({ target }) => target));
  // Decisions and recipes have lists of their own.
  const own = (file: string) => /^docs\/(?!decisions\/\d|recipes\/(?!README)|README)/.test(file);
  expect(pages.map((page) => page.path).filter((file) => own(file) && !reached.has(file))).toEqual([]);
  const recipes = new Set(
    links.filter(({ told }) => told.startsWith('docs/recipes/README.md:')).map(({ target }) => target),
  );
  const unlisted = pages.filter((page) => /^docs\/recipes\/(?!README)/.test(page.path) && !recipes.has(page.path));
  expect(unlisted.map((page) => page.path)).toEqual([]);
});

test('every picture is shown by a page, and opens at once: 200 KB at most', () => {
  const shown = new Set(links.map(({ target }) => target));
  const pictures = readdirSync(path.join(root, 'docs/pictures')).map((name) => `docs/pictures/${name}`);
  expect(pictures.length).toBeGreaterThan(3);
  expect(pictures.filter((file) => !shown.has(file))).toEqual([]);
  expect(pictures.filter((file) => statSync(path.join(root, file)).size > 200_000)).toEqual([]);
});
