import { describe, expect, test } from 'vitest';
import type { TokenService } from '../../../src/destinations/token-service.ts';
import { explainTransportError } from '../../../src/tokens/explain-transport-error.ts';

const tokenService = { url: new URL('https://login.example/token') } as TokenService;
const failure = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('each way a connection fails is told with what and where, always as 502', () => {
  test.each([
    ['ENOTFOUND', 'cannot be resolved'],
    ['ECONNREFUSED', 'nothing listens'],
    ['UND_ERR_CONNECT_TIMEOUT', 'cannot be reached in time'],
    ['UND_ERR_HEADERS_TIMEOUT', 'does not answer in time'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'larger than 1 MB'],
    ['CERT_HAS_EXPIRED', 'not valid today'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host name'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'an issuer that is not trusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'an issuer that is not trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'an issuer that is not trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'an issuer that is not trusted'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'wants a client certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'does not accept ours'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS handshake fails'],
    ['ECONNRESET', 'breaks off'],
    ['ANYTHING', 'breaks off'],
  ])('%s: %s', (code, cause) => {
    const error = explainTransportError(failure(code), 'graph', tokenService);
    expect(error).toMatchObject({ status: 502, code: 'ERR_TOKEN_SERVICE' });
    expect(error.detail).toContain('https://login.example of destination graph');
    expect(error.detail).toContain(cause);
    expect(error.members).toEqual({ destination: 'graph', tokenService: 'https://login.example', errorCode: code });
  });

  test('the code of a wrapped error counts', () => {
    const error = explainTransportError(new Error('x', { cause: failure('ENOTFOUND') }), 'd', tokenService);
    expect(error.detail).toContain('cannot be resolved');
  });

  test('what a parser choked on is not carried along', () => {
    const choked = Object.assign(failure('HPE_INVALID_CONSTANT', 'Parse Error'), { data: 'eyJ.secret' });
    const error = explainTransportError(choked, 'd', tokenService);
    expect({ ...(error.cause as object) }).toEqual({});
  });
});
