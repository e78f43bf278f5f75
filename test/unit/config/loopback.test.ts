import { describe, expect, test } from 'vitest';
import { endpointProblem, isLoopback } from '../../../src/config/loopback.ts';

describe('whether a host name is this machine (RFC 6761 6.3, RFC 1122 3.2.1.3)', () => {
  test.each([
    ['localhost', true],
    ['LOCALHOST', true],
    ['app.localhost', true],
    ['127.0.0.1', true],
    ['127.255.255.254', true],
    ['[::1]', true],
    ['localhost.evil.example', false],
    ['notlocalhost', false],
    ['127.0.0.1.evil.example', false],
    ['127.1', false],
    ['1127.0.0.1', false],
    ['0.0.0.0', false],
    ['10.0.0.1', false],
    ['[::2]', false],
    ['', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describe('where secrets may be sent (design section 3)', () => {
  test.each([
    ['https://login.example/token', undefined],
    ['http://localhost:8080/token', undefined],
    ['http://127.0.0.1/token', undefined],
    ['http://2130706433/token', undefined], // the URL parser makes 127.0.0.1 of it
    ['http://login.example/token', 'must begin with https://; plain http is accepted on loopback only'],
    ['http://localhost.evil.example/', 'must begin with https://; plain http is accepted on loopback only'],
    ['ftp://login.example/', 'must begin with https://'],
    ['javascript:alert(1)', 'must begin with https://'],
    ['login.example', 'is not an absolute URL'],
    ['', 'is not an absolute URL'],
    ['https://user:s3cret@login.example/', 'must not hold user or password'],
    ['https://user@login.example/', 'must not hold user or password'],
  ])('%s: %s', (url, problem) => {
    expect(endpointProblem(url)).toBe(problem);
  });
});
