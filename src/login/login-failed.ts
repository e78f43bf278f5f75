import type * as oidc from 'openid-client';
import { AppError } from '../errors/app-error.ts';
import { type Trouble, troubleOf, troubleTold } from '../errors/transport-trouble.ts';

/**
 * What a failed step of a login means for the caller (xs-app.md 12): the provider said no → 403; the answer does not
 * belong to this attempt or is not valid → 401; the provider refuses us or is down → 502. Never a 500: nothing broke here.
 * @param throughProxy whether calls to it go through one
 */
export function loginFailed(cause: unknown, throughProxy = false): AppError {
  if (cause instanceof AppError) return cause;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR')
    return refusedByProvider((cause as oidc.AuthorizationResponseError).error, cause);
  if (code === 'OAUTH_RESPONSE_BODY_ERROR') {
    const { error, status } = cause as oidc.ResponseBodyError;
    const ours = error === 'invalid_client' || error === 'unauthorized_client' || status >= 500;
    return new AppError({
      code: 'ERR_LOGIN_FAILED',
      status: ours ? 502 : 401,
      detail: `The identity provider refused the login: ${codeIn(error)}.`,
      hint: ours ? 'Check the client id and the client secret or certificate registered there.' : 'Log in again.',
      members: { error: codeIn(error) },
      cause,
    });
  }
  if (typeof code === 'string' && unverified.test(code)) {
    return new AppError({
      code: 'ERR_LOGIN_FAILED',
      status: 401,
      detail: 'The login could not be verified.',
      hint: 'Log in again.',
      cause,
    });
  }
  return outOfReach(cause, throughProxy);
}

/**
 * The provider does not say what we must know of it, whatever it says instead. Its address is told to the log only, when
 * it is first asked (prepare-providers.ts).
 */
export function outOfReach(cause: unknown, throughProxy = false): AppError {
  const { why, hint } = reasonOf(cause, throughProxy);
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 502,
    detail: `The identity provider cannot be reached${why}.`,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

function reasonOf(cause: unknown, throughProxy: boolean): { readonly why: string; readonly hint?: string } {
  const trouble = troubleOf(cause, throughProxy);
  if (trouble !== undefined) return { why: `: ${troubleTold[trouble]}`, hint: cures[trouble] };
  // openid-client keeps the answer that was not what it should be.
  const answer = (cause as { cause?: unknown } | undefined)?.cause;
  if (!(answer instanceof Response)) return { why: '' };
  const why = answer.ok ? ': something else answers in its place' : `: it answers with status ${answer.status}`;
  return { why, hint: "If it stays so, check the provider's address (OIDC_ISSUER, or the binding)." };
}

const cures = {
  'unknown-host': "Check the provider's host (OIDC_ISSUER, or the binding), and DNS.",
  refused: "Check the provider's host and port (OIDC_ISSUER, or the binding), and whether it runs.",
  unreachable: 'Check network and firewall; where a proxy is needed, set HTTPS_PROXY.',
  silent: 'Try again later.',
  'too-long': "Check the provider's address (OIDC_ISSUER, or the binding).",
  'certificate-dates': 'It must be renewed there; check the clock here.',
  'certificate-host': 'Use the host name the certificate is for (OIDC_ISSUER, or the binding).',
  'certificate-issuer': "Name a file with the issuer's certificate in XS_CACERT_PATH.",
  'client-certificate': 'Check the certificate that is registered for this client, and its end.',
  tls: "Check scheme and port of the provider's address (OIDC_ISSUER, or the binding).",
  'proxy-login': 'Put them into HTTPS_PROXY: http://user:password@proxy.example:8080.',
  'proxy-refuses': "Have the provider's host allowed there, or name it in NO_PROXY.",
  'proxy-away': "Check HTTPS_PROXY, or name the provider's host in NO_PROXY.",
} satisfies Record<Trouble, string>;

/** Codes of openid-client and jose for "this is not what it should be", other than "I could not ask". */
const unverified =
  /^(?:OAUTH_(?!TIMEOUT|RESPONSE_|PARSE_|WWW_)|ERR_(?:JWT|JWS|JWE)_|ERR_JOSE_(?:ALG|NOT)_|ERR_JWKS_(?:NO|MULTIPLE)_)/;

/** A token or an answer that is not for us, not of this attempt, or not what it is presented as. */
export function notOurs(): AppError {
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 401,
    detail: 'The login could not be verified.',
    hint: 'Log in again.',
  });
}

/** The provider answered the browser with an error (RFC 6749 4.1.2.1). */
export function refusedByProvider(error: string, cause?: unknown): AppError {
  const known = codeIn(error);
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 403,
    detail: `The identity provider did not log you in: ${known}.`,
    hint: 'Log in again, or ask for access to this application.',
    members: { error: known },
    cause,
  });
}

/** An error code as the specifications write them; anything else would be the provider's words on our page. */
function codeIn(error: string): string {
  return /^[a-z_]{1,60}$/.test(error) ? error : 'an error';
}
