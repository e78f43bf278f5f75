import { describe, expect, test } from 'vitest';
import { neverFound } from '../../../src/lint/never-found.ts';

describe('a source that no request target holds', () => {
  test.each([
    ['^api/(.*)$', 'request targets begin with a slash; write ^/api/(.*)$'],
    ['^\\.well-known/', 'request targets begin with a slash; write ^/\\.well-known/'],
    ['^https://host/', 'request targets begin with a slash; write ^/https://host/'],
    ['^/größe/(.*)$', '"ö" stands percent-encoded in request targets; write %C3%B6'],
    ['^/first berth/', '" " stands percent-encoded in request targets; write %20'],
    ['berth\\ 7', '" " stands percent-encoded'],
    ['^/app/#/', '"#" stands percent-encoded in request targets; write %23'],
    ['^/app/\\#/', '"#" stands percent-encoded'],
    ['^/a b?', '" " stands percent-encoded'],
    ['^/⛵', '"⛵" stands percent-encoded in request targets; write %E2%9B%B5'],
  ])('%s', (source, why) => {
    expect(neverFound(source)).toContain(why);
  });
});

describe('a source that some request target holds, or of which nothing is proven', () => {
  test.each<[source: string, target: string]>([
    ['^/', '/x'],
    ['^/api/(.*)$', '/api/x'],
    ['^\\/api', '/api'],
    ['^(?:/api|/apis)', '/api'],
    ['^.api', '/api'],
    ['^[/]api', '/api'],
    ['^a?/api', '/api'],
    ['^ö*/api', '/api'],
    ['^ö{0}/api', '/api'],
    ['^/a|ö', '/a'],
    ['^ö|^/a', '/a'],
    ['^/(?:ö|a)', '/a'],
    ['^/[öa]', '/a'],
    ['^/ö?a', '/a'],
    ['^/%C3%B6', '/%C3%B6'],
    ['\\?x="', '/?x="'],
    ['', '/'],
    ['^', '/'],
  ])('%s', (source, target) => {
    expect(new RegExp(source).test(target)).toBe(true);
    expect(neverFound(source)).toBeUndefined();
  });
});
