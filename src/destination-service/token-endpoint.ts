import { createHash, timingSafeEqual } from 'node:crypto';
import type { User } from '../authorization/principal.ts';
import type { Identity } from './identity.ts';
import { signServiceToken, tokenLifetime } from './service-token.ts';

/** An answer of the token endpoint (RFC 6749 5). */
export interface TokenEndpointAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TokenEndpointOptions {
  readonly identity: Identity;
  /** Who a token of a user stands for. @throws AppError when it is not to be believed */
  readonly verifyUser: (token: string) => Promise<User>;
  /** Told which of our tokens stands for whom. */
  readonly remember: (id: string, user: User) => void;
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/**
 * `/oauth/token` of the service's own XSUAA (destination-service.md 1.2): client credentials, and a user's token for one
 * that may call the service for the user. The client proves itself by Basic authentication or in the form.
 * @param zone of `x-zid`: the tenant that the client acts for
 */
export async function answerTokenRequest(
  { identity, verifyUser, remember }: TokenEndpointOptions,
  origin: string,
  form: URLSearchParams,
  authorization: string | undefined,
  zone: string | undefined,
): Promise<TokenEndpointAnswer> {
  if ([...form.keys()].some((key) => form.getAll(key).length > 1))
    return failure(400, 'invalid_request', 'A parameter is repeated');
  if (!isClient(identity, clientOf(form, authorization))) return failure(401, 'unauthorized', 'Bad credentials');
  if (authorization !== undefined && (form.get('client_id') ?? identity.clientId) !== identity.clientId)
    return failure(401, 'invalid_client', 'Given client ID does not match authenticated client');
  const grant = form.get('grant_type');
  if (!grant) return failure(400, 'invalid_request', 'Missing grant type');
  if (grant !== 'client_credentials' && grant !== jwtBearer)
    return failure(400, 'unsupported_grant_type', 'The grant types are client_credentials and jwt-bearer');
  if (zone !== undefined && !/^[\w-]{1,64}$/.test(zone)) return failure(400, 'invalid_request', 'x-zid is no zone');
  const assertion = form.get('assertion');
  if (grant === jwtBearer && !assertion) return failure(401, 'unauthorized', 'Assertion is missing');
  let user: User | undefined;
  try {
    user = grant === jwtBearer && assertion ? await verifyUser(assertion) : undefined;
  } catch {
    return failure(
      401,
      'invalid_grant',
      'The user token is not of a configured identity provider, not for it, or has ended',
    );
  }
  const { token, id, scope } = await signServiceToken(identity, origin, zone ?? identity.subaccountId, user);
  if (user !== undefined) remember(id, user);
  return {
    status: 200,
    body: { access_token: token, token_type: 'bearer', expires_in: tokenLifetime, scope, jti: id },
  };
}

interface Client {
  readonly id: string;
  readonly secret: string;
}

/** RFC 6749 2.3.1. A header that is there must be right; the form does not mend it. */
function clientOf(form: URLSearchParams, authorization: string | undefined): readonly Client[] {
  if (authorization === undefined)
    return [{ id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }];
  const pair = Buffer.from(/^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1] ?? '', 'base64').toString('utf8');
  const [id = '', ...rest] = pair.split(':');
  const plain = { id, secret: rest.join(':') };
  // Both as the RFC wants it, form-encoded, and as it is.
  return [plain, { id: decoded(plain.id), secret: decoded(plain.secret) }];
}

function decoded(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? '';
}

function isClient({ clientId, clientSecret }: Identity, candidates: readonly Client[]): boolean {
  return candidates.some(({ id, secret }) => isSame(id, clientId) && isSame(secret, clientSecret));
}

/** In a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function failure(status: number, error: string, description: string): TokenEndpointAnswer {
  return { status, body: { error, error_description: description } };
}
