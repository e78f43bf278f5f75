import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { forwardError } from '../../../src/forwarding/forward-error.ts';
import { targetOf } from '../../support/target-of.ts';

const failure = (code: string) => Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:8080'), { code });

describe('whose fault it was (xs-app.md 12)', () => {
  test.each([
    ['UND_ERR_HEADERS_TIMEOUT', 504, 'ERR_UPSTREAM_TIMEOUT'],
    ['UND_ERR_BODY_TIMEOUT', 504, 'ERR_UPSTREAM_TIMEOUT'],
    ['UND_ERR_CONNECT_TIMEOUT', 504, 'ERR_UPSTREAM_TIMEOUT'],
    ['ETIMEDOUT', 504, 'ERR_UPSTREAM_TIMEOUT'],
    ['ECONNREFUSED', 502, 'ERR_UPSTREAM_UNREACHABLE'],
    ['ECONNRESET', 502, 'ERR_UPSTREAM_UNREACHABLE'],
    ['ENOTFOUND', 502, 'ERR_UPSTREAM_UNREACHABLE'],
    ['EPIPE', 502, 'ERR_UPSTREAM_UNREACHABLE'],
    ['UND_ERR_SOCKET', 502, 'ERR_UPSTREAM_UNREACHABLE'],
    ['HPE_INVALID_CONSTANT', 502, 'ERR_UPSTREAM_UNREACHABLE'],
    ['CERT_HAS_EXPIRED', 502, 'ERR_UPSTREAM_UNREACHABLE'],
  ])('%s is %i', (code, status, told) => {
    expect(forwardError(failure(code), targetOf())).toMatchObject({ status, code: told });
  });

  test.each([
    ['ECONNREFUSED', /nothing listens there/, /host and port in URL/],
    ['ENOTFOUND', /host name cannot be resolved/, /DNS/],
    ['EHOSTUNREACH', /cannot be reached in time/, /HTTPS_PROXY/],
    ['CERT_HAS_EXPIRED', /not valid today/, /renewed/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host name/, /URL/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted/, /TrustStoreLocation/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /wants a client certificate/, /ClientCertificateAuthentication/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /TLS handshake fails/, /scheme and port/],
    ['ECONNRESET', /cannot be reached or broke off its answer/, undefined],
  ])('%s is told in words, with what to do', (code, told, cure) => {
    const { detail, hint } = forwardError(failure(code), targetOf());
    expect(detail).toMatch(told);
    expect(detail).toContain(`(${code})`);
    if (cure === undefined) expect(hint).toBeUndefined();
    else expect(hint).toMatch(cure);
  });

  test('behind a proxy it is the proxy that cannot be reached', () => {
    const proxy = { host: 'proxy.example', port: 8080, secure: false, authorization: undefined };
    expect(forwardError(failure('ECONNREFUSED'), targetOf({ proxy })).detail).toMatch(/the proxy .* cannot be reached/);
  });

  test.each([undefined, null, 'no', 7, {}])('something that is no error is the upstream’s too: %j', (cause) => {
    expect(forwardError(cause, targetOf()).status).toBe(502);
  });

  test('what was told already stays as it was told', () => {
    const told = new AppError({ code: 'ERR_SESSION_STORE', status: 503 });
    expect(forwardError(told, targetOf())).toBe(told);
  });

  test('the timeout is told, with the knob that raises it', () => {
    const { detail, hint } = forwardError(failure('UND_ERR_HEADERS_TIMEOUT'), targetOf({ timeout: 12_000 }));
    expect(detail).toBe('The destination "harbourmaster" did not answer within 12000 ms.');
    expect(hint).toContain('HTML5.Timeout');
  });

  test('a route with a time of its own is named, and so is one that could have one', () => {
    const late = failure('UND_ERR_HEADERS_TIMEOUT');
    const own = forwardError(late, targetOf({ timeout: 12_000 }), { name: 'routes/3', timeout: 700 });
    expect(own.detail).toContain('within 700 ms');
    expect(own.hint).toBe('Raise "timeout" of the route (routes/3) if it needs longer.');
    const other = forwardError(late, targetOf({ timeout: 12_000 }), { name: 'routes/3', timeout: undefined });
    expect(other.detail).toContain('within 12000 ms');
    expect(other.hint).toMatch(/HTML5\.Timeout\) of the destination, or set "timeout" of the route \(routes\/3\)/);
  });

  test('the shorter of two limits is the one that is named where there was no connection', () => {
    const target = targetOf({ timeout: 9_000, connectTimeout: 2_000 });
    const hint = (timeout: number) =>
      forwardError(failure('UND_ERR_CONNECT_TIMEOUT'), target, { name: 'routes/3', timeout }).hint;
    expect(hint(500)).toContain('route (routes/3)');
    expect(hint(30_000)).toContain('URL.connectionTimeoutInSeconds');
  });

  test.each([
    ['UND_ERR_CONNECT_TIMEOUT', 'within 2000 ms', 'URL.connectionTimeoutInSeconds'],
    ['UND_ERR_BODY_TIMEOUT', 'for 7000 ms', 'URL.socketReadTimeoutInSeconds'],
  ])('so is that of %s', (code, told, knob) => {
    const target = targetOf({ timeout: 9_000, connectTimeout: 2_000, idleTimeout: 7_000 });
    const { detail, hint } = forwardError(failure(code), target);
    expect(detail).toContain(told);
    expect(hint).toContain(knob);
  });

  test('the address stays inside: it goes to the log as the cause, never to the caller', () => {
    const { message, detail, hint, members, cause } = forwardError(failure('ECONNREFUSED'), targetOf());
    expect(JSON.stringify({ message, detail, hint, members })).not.toContain('10.1.2.3');
    expect((cause as Error).message).toContain('10.1.2.3');
  });
});
