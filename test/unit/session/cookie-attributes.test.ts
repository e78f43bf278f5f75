import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type CookieSettings, cookieAttributes } from '../../../src/session/cookie-attributes.ts';
import { arrivalOf } from '../../support/arrival-of.ts';

const plain: CookieSettings = { secureSessionCookie: undefined, cookies: {} };

function flags(settings: Partial<CookieSettings>, scheme: 'http' | 'https' = 'https', agent?: string) {
  const headers = agent === undefined ? {} : { 'user-agent': agent };
  const request = { arrival: arrivalOf({ scheme }), headers } as unknown as IncomingMessage;
  return cookieAttributes({ ...plain, ...settings })(request);
}

describe('Secure follows the trusted scheme unless it is forced (xs-app.md 4.3)', () => {
  test.each([
    [undefined, 'https', true],
    [undefined, 'http', false],
    [true, 'http', true],
    [false, 'https', false],
  ] as const)('SECURE_SESSION_COOKIE %s over %s: %s', (secureSessionCookie, scheme, secure) => {
    expect(flags({ secureSessionCookie }, scheme).secure).toBe(secure);
  });
});

describe('SameSite', () => {
  test.each([
    [undefined, 'lax'],
    ['None', 'none'],
    ['Lax', 'lax'],
    ['Strict', 'strict'],
  ] as const)('%s: %s', (SameSite, sameSite) => {
    expect(flags({ cookies: { SameSite } }).sameSite).toBe(sameSite);
  });
});

describe('Partitioned, by two expressions on the User-Agent of which the second wins', () => {
  const partitioned = (supported: string, unsupported: string, agent?: string, scheme?: 'http' | 'https') =>
    flags(
      { cookies: { Partitioned: { supportedPartitionAgents: supported, unsupportedPartitionAgents: unsupported } } },
      scheme,
      agent,
    ).partitioned;

  test.each([
    ['(.*)', 'PostmanRuntime', 'Mozilla/5.0 Chrome/140', true],
    ['(.*)', 'PostmanRuntime', 'PostmanRuntime/7', undefined],
    ['Chrome/1[0-9]{2}', '^$', 'Mozilla/5.0 Chrome/140', true],
    ['Chrome/1[0-9]{2}', '^$', 'Mozilla/5.0 Firefox/140', undefined],
    ['(.*)', '(.*)', 'Mozilla/5.0 Chrome/140', undefined],
    ['(.*)', '^never$', undefined, true],
  ])('supported %s, unsupported %s, agent %s: %s', (supported, unsupported, agent, expected) => {
    expect(partitioned(supported, unsupported, agent)).toBe(expected);
  });

  test('never without Secure: browsers would throw the cookie away', () => {
    expect(partitioned('(.*)', '^never$', 'Mozilla/5.0', 'http')).toBeUndefined();
  });

  test('not at all when nothing is said', () => {
    expect(flags({}, 'https', 'Mozilla/5.0')).toEqual({ secure: true, sameSite: 'lax' });
  });
});
