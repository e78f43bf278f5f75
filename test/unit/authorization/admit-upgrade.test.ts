import { describe, expect, test } from 'vitest';
import { originTest } from '../../../src/accept/origins.ts';
import { admitUpgrade } from '../../../src/authorization/admit-upgrade.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { statusOf } from '../../support/refusal.ts';

const ours = { enabled: true, allowedOrigin: undefined };
const listed = { enabled: true, allowedOrigin: originTest([{ host: 'app.example', protocol: 'https' }]) };

describe('an upgrade is considered only when the origin may open it (xs-app.md 8.8, T-36)', () => {
  test.each([
    ['our own origin', ours, 'https://harbour.example', undefined],
    ['our own, in another case', ours, 'https://Harbour.Example', undefined],
    ['switched off', { ...ours, enabled: false }, 'https://harbour.example', 403],
    ['no origin', ours, undefined, 403],
    ['an empty one', ours, '', 403],
    ['null, as sandboxed frames send', ours, 'null', 403],
    ['a foreign one', ours, 'https://evil.example', 403],
    ['ours by another scheme', ours, 'http://harbour.example', 403],
    ['ours on another port', ours, 'https://harbour.example:8443', 403],
    ['ours as a prefix', ours, 'https://harbour.example.evil.example', 403],
    ['ours as user name', ours, 'https://harbour.example@evil.example', 403],
    ['a listed one', listed, 'https://app.example', undefined],
    ['a listed host by another scheme', listed, 'http://app.example', 403],
    ['our own where a list is set: it no longer counts by itself', listed, 'https://harbour.example', 403],
    ['null where a list is set', listed, 'null', 403],
    ['none where a list is set', listed, undefined, 403],
    ['a listed one while switched off', { ...listed, enabled: false }, 'https://app.example', 403],
    ['nobody is listed', { enabled: true, allowedOrigin: originTest([]) }, 'https://harbour.example', 403],
  ])('%s', (_, rules, origin, status) => {
    expect(statusOf(() => admitUpgrade(rules, arrivalOf(), origin))).toBe(status);
  });
});
