/** The ways in which a connection to somebody else's server fails. */
export type Trouble =
  | 'unknown-host'
  | 'refused'
  | 'unreachable'
  | 'silent'
  | 'too-long'
  | 'certificate-dates'
  | 'certificate-host'
  | 'certificate-issuer'
  | 'client-certificate'
  | 'tls'
  | 'proxy-login'
  | 'proxy-refuses'
  | 'proxy-away';

interface Sign {
  readonly codes: RegExp;
  readonly trouble: Trouble;
}

/** What the error codes of undici, the resolver, the socket and OpenSSL are signs of. First match wins. */
const signs: readonly Sign[] = [
  { codes: /^(ENOTFOUND|EAI_AGAIN|EAI_NONAME|EAI_FAIL)$/, trouble: 'unknown-host' },
  { codes: /^ECONNREFUSED$/, trouble: 'refused' },
  { codes: /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, trouble: 'unreachable' },
  { codes: /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|TimeoutError)$/, trouble: 'silent' },
  { codes: /^UND_ERR_RES_EXCEEDED_MAX_SIZE$/, trouble: 'too-long' },
  { codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, trouble: 'certificate-dates' },
  { codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/, trouble: 'certificate-host' },
  { codes: /CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)/, trouble: 'certificate-issuer' },
  {
    codes:
      /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED)|ACCESS_DENIED)/,
    trouble: 'client-certificate',
  },
  { codes: /^proxy 407$/, trouble: 'proxy-login' },
  { codes: /^proxy \d+$/, trouble: 'proxy-refuses' },
  { codes: /SSL|TLS|EPROTO/, trouble: 'tls' },
];

/** The same before a connection through a proxy stands: then it is the proxy that fails. */
const signsOfProxy: readonly Sign[] = [
  { codes: /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_PRX_\w+)$/, trouble: 'proxy-away' },
];

/** What is wrong, of the server as "it". */
export const troubleTold = {
  'unknown-host': 'its host name cannot be resolved',
  refused: 'nothing listens there',
  unreachable: 'it cannot be reached in time',
  silent: 'it does not answer in time',
  'too-long': 'its answer is larger than 1 MB',
  'certificate-dates': 'its TLS certificate is not valid today',
  'certificate-host': 'its TLS certificate is for another host name',
  'certificate-issuer': 'its TLS certificate comes from an issuer that is not trusted',
  'client-certificate': 'it ends the TLS handshake: it wants a client certificate, or does not accept ours',
  tls: 'the TLS handshake fails',
  'proxy-login': 'the proxy on the way to it wants a user and password',
  'proxy-refuses': 'the proxy on the way to it refuses the connection',
  'proxy-away': 'the proxy on the way to it cannot be reached',
} satisfies Record<Trouble, string>;

/**
 * @param cause what undici, `fetch` or a socket threw
 * @param throughProxy whether the connection goes through one
 * @returns undefined for what can have many causes, above all a connection that breaks off
 */
export function troubleOf(cause: unknown, throughProxy: boolean): Trouble | undefined {
  const known = throughProxy ? [...signsOfProxy, ...signs] : signs;
  for (let at = cause, depth = 0; isThrown(at) && depth < 5; at = at.cause, depth++) {
    const code = ownCode(at);
    const found = known.find(({ codes }) => codes.test(code));
    if (found !== undefined) return found.trouble;
  }
  return undefined;
}

/** The code of an error, or of what it wraps; of a proxy that refuses its status, as `proxy 407`; empty without any. */
export function codeOf(cause: unknown): string {
  return isThrown(cause) ? ownCode(cause) || codeOf(cause.cause) : '';
}

interface Thrown {
  readonly code?: unknown;
  readonly name?: string;
  readonly message?: string;
  readonly cause?: unknown;
}

function isThrown(cause: unknown): cause is Thrown {
  return typeof cause === 'object' && cause !== null;
}

function ownCode({ code, name, message = '' }: Thrown): string {
  // undici tells the status with which a proxy refuses CONNECT in its message only.
  const refusal = /^Proxy response \((\d{3})\)/.exec(message)?.[1];
  if (refusal !== undefined) return `proxy ${refusal}`;
  if (typeof code === 'string') return code;
  return name === 'TimeoutError' ? name : '';
}
