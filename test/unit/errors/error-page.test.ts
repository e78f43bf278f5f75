import { describe, expect, test } from 'vitest';
import { errorPage } from '../../../src/errors/error-page.ts';

describe('a page for people', () => {
  const hostile = '</style></p><script>alert(1)</script><img src=x onerror=alert(1)>"\'';
  const page = errorPage({
    status: 404,
    detail: hostile,
    hint: hostile,
    id: hostile,
    loginUrl: `/-/login?x=${hostile}`,
  });

  test('has no place where something could be injected', () => {
    expect(page.match(/<(script|img)/gi)).toBeNull();
    expect(page.match(/<\/style>/g)).toHaveLength(1);
  });

  test('has no scripts, no links, nothing from elsewhere', () => {
    expect(errorPage({ status: 404, detail: undefined, hint: undefined, id: 'x', loginUrl: undefined })).not.toMatch(
      /<script|<a |src=|href=|url\(|https?:/i,
    );
  });

  test('says what, why and what to do', () => {
    const told = errorPage({ status: 403, detail: 'No.', hint: 'Ask.', id: 'id-1', loginUrl: undefined });
    for (const text of ['<title>403 Forbidden</title>', '<p>No.</p>', '<p>Ask.</p>', 'Request id-1'])
      expect(told).toContain(text);
  });

  test('leads to the login where that would help', () => {
    const told = errorPage({ status: 401, detail: 'x', hint: 'y', id: 'z', loginUrl: '/-/login?a=1&b=2' });
    expect(/<a href="([^"]*)"/.exec(told)?.[1]?.replace(/&(?:amp|#38);/g, '&')).toBe('/-/login?a=1&b=2');
  });

  test('leaves out what it does not know', () => {
    expect(errorPage({ status: 599, detail: undefined, hint: undefined, id: 'x', loginUrl: undefined })).toContain(
      '<h1>599 Error</h1>',
    );
    expect(
      errorPage({ status: 404, detail: undefined, hint: '', id: 'x', loginUrl: undefined }).match(/<p>/g),
    ).toHaveLength(1);
  });
});
