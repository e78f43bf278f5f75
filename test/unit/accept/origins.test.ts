import { describe, expect, test } from 'vitest';
import { type OriginEntry, originTest } from '../../../src/accept/origins.ts';

describe('an origin is compared with what an entry names, and with nothing else (xs-app.md 8.4, 8.5)', () => {
  test.each<[OriginEntry, string, boolean]>([
    [{ host: 'app.example' }, 'https://app.example', true],
    [{ host: 'app.example' }, 'http://app.example:8080', true],
    [{ host: 'app.example' }, 'https://App.Example', false],
    [{ host: 'app.example' }, 'https://app.example.evil.example', false],
    [{ host: 'app.example' }, 'https://evil-app.example', false],
    [{ host: 'app.example' }, 'https://app.example@evil.example', false],
    [{ host: 'app.example' }, 'https://evil.example/app.example', false],
    [{ host: 'app.example' }, 'https://evil.example?app.example', false],
    [{ host: 'app.example' }, 'https://evil.example#app.example', false],
    [{ host: '*.app.example' }, 'https://a.app.example', true],
    [{ host: '*.app.example' }, 'https://a.b.app.example', true],
    [{ host: '*.app.example' }, 'https://app.example', false],
    [{ host: '*.app.example' }, 'https://evilapp.example', false],
    [{ host: '*.app.example' }, 'https://.app.example', false],
    [{ host: 'app.example', protocol: 'https' }, 'https://app.example', true],
    [{ host: 'app.example', protocol: 'https' }, 'http://app.example', false],
    [{ host: 'app.example', protocol: 'https:' }, 'https://app.example', true],
    [{ host: 'app.example', port: 8443 }, 'https://app.example:8443', true],
    [{ host: 'app.example', port: '8443' }, 'https://app.example:8443', true],
    [{ host: 'app.example', port: 8443 }, 'https://app.example', false],
    [{ host: 'app.example', port: 443 }, 'https://app.example', true],
    [{ host: 'app.example', port: '80' }, 'http://app.example', true],
    [{ host: 'app.example', port: 443 }, 'http://app.example', false],
    [{ host: 'localhost', port: 5000 }, 'http://localhost:5000', true],
    [{ host: '[::1]' }, 'http://[::1]:5000', true],
    [{ host: '*' }, 'https://app.example', false],
    [{ host: '' }, 'https://app.example', false],
  ])('%j and %s: %s', (entry, origin, allowed) => {
    expect(originTest([entry])(origin)).toBe(allowed);
  });

  test.each([
    'null',
    '',
    'app.example',
    '//app.example',
    'file://',
    'about:blank',
    'javascript:app.example',
    'https://',
  ])('what names no host matches nothing: %j', (origin) => {
    expect(originTest([{ host: 'app.example' }, { host: '*.example' }])(origin)).toBe(false);
  });

  test('one entry that fits is enough, no entry at all allows nobody', () => {
    expect(originTest([{ host: 'a.example' }, { host: 'b.example' }])('https://b.example')).toBe(true);
    expect(originTest([])('https://b.example')).toBe(false);
  });
});
