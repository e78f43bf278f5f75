import type { TokenService } from '../destinations/token-service.ts';
import { AppError } from '../errors/app-error.ts';

interface Explanation {
  readonly codes: RegExp;
  readonly cause: string;
  readonly cure: string;
}

/** What each error code of undici, the resolver, the socket and OpenSSL means here. First match wins. */
const explanations: readonly Explanation[] = [
  {
    codes: /^(ENOTFOUND|EAI_AGAIN|EAI_NONAME|EAI_FAIL)$/,
    cause: 'its host name cannot be resolved',
    cure: 'Check the host in tokenServiceURL, and DNS.',
  },
  {
    codes: /^ECONNREFUSED$/,
    cause: 'nothing listens there',
    cure: 'Check host and port of tokenServiceURL, and whether the service runs.',
  },
  {
    codes: /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    cause: 'it cannot be reached in time',
    cure: 'Check the network and tokenServiceURL.ConnectionTimeoutInSeconds.',
  },
  {
    codes: /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|TimeoutError)$/,
    cause: 'it does not answer in time',
    cure: 'Try again later, or raise tokenServiceURL.SocketReadTimeoutInSeconds.',
  },
  {
    codes: /^UND_ERR_RES_EXCEEDED_MAX_SIZE$/,
    cause: 'its answer is larger than 1 MB, so it is no token',
    cure: 'Check that tokenServiceURL is the token endpoint.',
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    cause: 'its TLS certificate is not valid today',
    cure: 'It must be renewed there; check the clock here.',
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    cause: 'its TLS certificate is for another host name',
    cure: 'Use the host name the certificate is for in tokenServiceURL.',
  },
  {
    codes: /CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)/,
    cause: 'its TLS certificate comes from an issuer that is not trusted',
    cure: "Put the issuer's certificate into keystores/ and name it in TrustStoreLocation.",
  },
  {
    codes:
      /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED)|ACCESS_DENIED)/,
    cause: 'it ends the TLS handshake: it wants a client certificate, or does not accept ours',
    cure: 'Name a registered, unexpired one in tokenService.KeyStoreLocation.',
  },
  {
    codes: /SSL|TLS|EPROTO/,
    cause: 'the TLS handshake fails',
    cure: 'Check that tokenServiceURL has the right scheme and port.',
  },
];

/** The same before a connection through a proxy stands: then it is the proxy that fails. */
const proxyExplanations: readonly Explanation[] = [
  {
    codes: /^proxy 407$/,
    cause: 'the proxy on the way to it wants a user and password',
    cure: 'Put them into HTTPS_PROXY: http://user:password@proxy.example:8080.',
  },
  {
    codes: /^proxy \d+$/,
    cause: 'the proxy on the way to it refuses the connection',
    cure: 'Have the host of tokenServiceURL allowed there, or name it in NO_PROXY.',
  },
  {
    codes: /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_PRX_\w+)$/,
    cause: 'the proxy on the way to it cannot be reached',
    cure: 'Check HTTPS_PROXY, or name the host of tokenServiceURL in NO_PROXY.',
  },
];

const otherwise = {
  cause: 'the connection breaks off',
  cure: 'Try again. If it stays so: services that want a client certificate (tokenService.KeyStoreLocation) end like this, too.',
};

/** Whether the peer closed the connection without an answer. */
export function isConnectionLost(error: unknown): boolean {
  return /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(error));
}

/** Turns a failed connection into the answer for it: 502, whatever went wrong (design section 3), with what and where. */
export function explainTransportError(error: unknown, destination: string, { url, proxy }: TokenService): AppError {
  const code = refusalOfProxy(error) ?? codeOf(error);
  const known = proxy === undefined ? explanations : [...proxyExplanations, ...explanations];
  const { cause, cure } = known.find(({ codes }) => codes.test(code)) ?? otherwise;
  return new AppError({
    code: 'ERR_TOKEN_SERVICE',
    status: 502,
    detail: `The token service ${url.origin} of destination ${destination} gives no token: ${cause}.`,
    hint: cure,
    members: { destination, tokenService: url.origin, ...(code === '' ? {} : { errorCode: code }) },
    // A copy: the parser's errors carry the bytes they choked on, which may be a token.
    cause: error instanceof Error ? new Error(error.message) : undefined,
  });
}

/** undici tells the status with which a proxy refuses CONNECT in its message only. */
function refusalOfProxy(error: unknown): string | undefined {
  const status = error instanceof Error ? /^Proxy response \((\d{3})\)/.exec(error.message)?.[1] : undefined;
  return status && `proxy ${status}`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, name, cause } = error as Error & { code?: unknown };
  if (typeof code === 'string') return code;
  return name === 'TimeoutError' ? name : codeOf(cause);
}
