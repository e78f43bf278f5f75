import type { TokenService } from '../destinations/token-service.ts';
import { AppError } from '../errors/app-error.ts';
import { codeOf, type Trouble, troubleOf, troubleTold } from '../errors/transport-trouble.ts';

const cures = {
  'unknown-host': 'Check the host in tokenServiceURL, and DNS.',
  refused: 'Check host and port of tokenServiceURL, and whether the service runs.',
  unreachable: 'Check the network and tokenServiceURL.ConnectionTimeoutInSeconds.',
  silent: 'Try again later, or raise tokenServiceURL.SocketReadTimeoutInSeconds.',
  'too-long': 'Check that tokenServiceURL is the token endpoint.',
  'certificate-dates': 'It must be renewed there; check the clock here.',
  'certificate-host': 'Use the host name the certificate is for in tokenServiceURL.',
  'certificate-issuer': "Put the issuer's certificate into keystores/ and name it in TrustStoreLocation.",
  'client-certificate': 'Name a registered, unexpired one in tokenService.KeyStoreLocation.',
  tls: 'Check that tokenServiceURL has the right scheme and port.',
  'proxy-login': 'Put them into HTTPS_PROXY: http://user:password@proxy.example:8080.',
  'proxy-refuses': 'Have the host of tokenServiceURL allowed there, or name it in NO_PROXY.',
  'proxy-away': 'Check HTTPS_PROXY, or name the host of tokenServiceURL in NO_PROXY.',
} satisfies Record<Trouble, string>;

const brokenOff = {
  told: 'the connection breaks off',
  cure: 'Try again. If it stays so: services that want a client certificate (tokenService.KeyStoreLocation) end like this, too.',
};

/** Whether the peer closed the connection without an answer. */
export function isConnectionLost(error: unknown): boolean {
  return /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(error));
}

/** Turns a failed connection into the answer for it: 502, whatever went wrong (design section 3), with what and where. */
export function explainTransportError(error: unknown, destination: string, { url, proxy }: TokenService): AppError {
  const code = codeOf(error);
  const trouble = troubleOf(error, proxy !== undefined);
  const { told, cure } = trouble === undefined ? brokenOff : { told: troubleTold[trouble], cure: cures[trouble] };
  return new AppError({
    code: 'ERR_TOKEN_SERVICE',
    status: 502,
    detail: `The token service ${url.origin} of destination ${destination} gives no token: ${told}.`,
    hint: cure,
    members: { destination, tokenService: url.origin, ...(code === '' ? {} : { errorCode: code }) },
    // A copy: the parser's errors carry the bytes they choked on, which may be a token.
    cause: error instanceof Error ? new Error(error.message) : undefined,
  });
}
