import { describe, expect, test } from 'vitest';
import { refusePlainHttp } from '../../../src/accept/refuse-plain-http.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { refusalOf, statusOf } from '../../support/refusal.ts';

describe('where the session must travel encrypted, plain HTTP is refused (xs-app.md 4.3)', () => {
  test.each([
    [true, 'http', '/quay/7', 403],
    [true, 'http', '/', 403],
    [true, 'https', '/quay/7', undefined],
    [false, 'http', '/quay/7', undefined],
    [undefined, 'http', '/quay/7', undefined],
    [true, 'http', '/-/health/live', undefined],
    [true, 'http', '/-/health/ready', undefined],
    [true, 'http', '/-/health/ready?x=1', undefined],
    [true, 'http', '/-/login', 403],
    [true, 'http', '/x/-/health/live', 403],
    [true, 'http', '/-/health/anything/that/a/route/takes', 403],
  ] as const)('SECURE_SESSION_COOKIE %s, %s, %s: %s', (secureOnly, scheme, url, status) => {
    expect(statusOf(() => refusePlainHttp(arrivalOf({ scheme, url }), secureOnly))).toBe(status);
  });

  test('with the cure', () => {
    const refusal = refusalOf(() => refusePlainHttp(arrivalOf({ scheme: 'http' }), true));
    expect(refusal.hint).toContain('PORTUNUS_TRUSTED_PROXIES');
  });
});
