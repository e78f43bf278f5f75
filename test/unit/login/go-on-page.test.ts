import { expect, test } from 'vitest';
import { goOnPage } from '../../../src/login/go-on-page.ts';

test('leads to query and fragment as they are, and nothing of them gets out of the attribute', () => {
  expect(goOnPage('/quay/7?a=1&b=2#berth')).toContain('content="0;url=/quay/7?a=1&amp;b=2#berth"');
  const page = goOnPage(`/quay?a="><script>alert(1)</script>'`);
  expect(page).not.toContain('<script>');
  expect(page.match(/"/g)).toHaveLength(goOnPage('/').match(/"/g)?.length ?? 0);
});
