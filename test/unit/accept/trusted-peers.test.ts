import { describe, expect, test } from 'vitest';
import { trustedPeers } from '../../../src/accept/trusted-peers.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

function trusts(setting: string | undefined, address: string | undefined, onCloudFoundry = false): boolean {
  const problems = new Problems();
  const trusted = trustedPeers(setting, onCloudFoundry, problems)(address);
  expect(problemLines(problems)).toEqual([]);
  return trusted;
}

describe('who may speak for the client (design section 3, T-11)', () => {
  test.each([
    ['nothing set: nobody, not even loopback', undefined, false, '127.0.0.1', false],
    ['nothing set: nobody', undefined, false, '10.0.0.1', false],
    ['nothing set, on Cloud Foundry: its router is the only way in', undefined, true, '203.0.113.9', true],
    ['cloudfoundry', 'cloudfoundry', false, '203.0.113.9', true],
    ['CloudFoundry, however written', ' CloudFoundry ', false, '203.0.113.9', true],
    ['none wins over the platform', 'none', true, '127.0.0.1', false],
    ['a list wins over the platform', '10.0.0.0/8', true, '203.0.113.9', false],
  ])('%s', (_, setting, onCloudFoundry, address, expected) => {
    expect(trusts(setting, address, onCloudFoundry)).toBe(expected);
  });

  test.each([
    ['127.0.0.1', true],
    ['10.255.255.255', true],
    ['11.0.0.0', false],
    ['172.15.255.255', false],
    ['172.16.0.0', true],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['192.168.1.1', true],
    ['192.169.0.0', false],
    ['100.64.0.1', true],
    ['100.128.0.0', false],
    ['::1', true],
    ['fd12:3456::1', true],
    ['2001:db8::1', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:203.0.113.9', false],
    ['203.0.113.9', false],
  ])('kyma trusts what is seen from inside a cluster: %s: %s', (address, expected) => {
    expect(trusts('kyma', address)).toBe(expected);
  });
});

describe('a list of ranges', () => {
  test.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:11.0.0.1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.0/31', '192.0.2.1', true],
    ['192.0.2.0/31', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1', '2001:db8::1', true],
    ['2001:DB8::/32', '2001:db8::1', true],
    ['10.0.0.0/8,192.0.2.0/24', '192.0.2.9', true],
    ['10.0.0.0/8 192.0.2.0/24', '192.0.2.9', true],
    [' 10.0.0.0/8 , 192.0.2.0/24 ', '192.0.2.9', true],
    ['10.0.0.0/8', 'fe80::1%eth0', false],
    ['10.0.0.0/8', '', false],
    ['10.0.0.0/8', 'unknown', false],
  ])('%s and %s: %s', (setting, address, expected) => {
    expect(trusts(setting, address)).toBe(expected);
  });

  test('a peer without an address, as after it has left, is nobody', () => {
    expect(trusts('0.0.0.0/0', undefined)).toBe(false);
  });
});

describe('what is no range refuses the start, and trusts nobody meanwhile', () => {
  test.each([
    'cluodfoundry',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.5',
    '10.0.0.0/x',
    '10.0.0.0/',
    '2001:db8::/',
    '10.0.0.0/8/16',
    '2001:db8::/129',
    '10.0.0/8',
    '256.0.0.0/8',
    'proxy.example',
    '*',
    'true',
  ])('%j', (setting) => {
    const problems = new Problems();
    const trusted = trustedPeers(setting, true, problems);
    expect(problemLines(problems)).toEqual([
      `PORTUNUS_TRUSTED_PROXIES: "${setting}" is no address range; use cloudfoundry, kyma, none, or CIDRs such as 10.0.0.0/8`,
    ]);
    for (const address of ['10.0.0.1', '203.0.113.9', '2001:db8::1', '::1']) expect(trusted(address)).toBe(false);
  });

  test('every wrong entry of a list is told, the right ones count', () => {
    const problems = new Problems();
    const trusted = trustedPeers('10.0.0.0/8 x 192.0.2.0/99', false, problems);
    expect(problemLines(problems)).toHaveLength(2);
    expect(trusted('10.0.0.1')).toBe(true);
  });
});
