import { isLoopback } from '../config/loopback.ts';
import type { Properties } from './properties.ts';
import type { JsonWebKeySet, UserTokenRules, UserTokenVerification } from './user-token.ts';

/** Reads what a destination says of the user's token (destination-service.md 2.3). */
export function readUserToken(p: Properties): UserTokenRules {
  return { destinationName: p.text('userToken.destinationName')?.trim(), verification: readVerification(p) };
}

/**
 * The same for types that make a user id of the token's claims, where nobody else looks at it. A provider's keys may sign
 * for many: those of Entra ID are the same for all tenants and applications (T-41).
 */
export function readBelievedUserToken(p: Properties): UserTokenRules {
  const rules = readUserToken(p);
  const { verification } = rules;
  if (verification?.keys.kind === 'uri' && (verification.issuer ?? verification.audience) === undefined)
    p.warn(
      'x_user_token.jwks_uri',
      'makes every token signed with these keys a user, for whomever it was issued; set x_user_token.issuer and x_user_token.audience',
    );
  return rules;
}

/** Inline keys come first where both are given (proposal of section 2.3). */
function readVerification(p: Properties): UserTokenVerification | undefined {
  const inline = p.text('x_user_token.jwks');
  const uri = p.text('x_user_token.jwks_uri')?.trim();
  const type = p.text('x_user_token.header.typ') ?? 'JWT';
  const jwks = inline === undefined ? undefined : readJwks(p, inline);
  const url = uri === undefined ? undefined : readJwksUri(p, uri);
  const expected = { type, issuer: p.text('x_user_token.issuer'), audience: p.text('x_user_token.audience') };
  if (jwks) return { keys: { kind: 'inline', jwks }, ...expected };
  return url && { keys: { kind: 'uri', uri: url }, ...expected };
}

function readJwks(p: Properties, text: string): JsonWebKeySet | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    const { keys } = parsed as { keys?: unknown };
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null)) return { keys };
  } catch {
    // The same complaint as for JSON of another shape.
  }
  p.problem('x_user_token.jwks', 'must be the base64 of a JWK Set: {"keys":[…]}');
  return undefined;
}

function readJwksUri(p: Properties, text: string): URL | undefined {
  const uri = URL.parse(text);
  const safe = uri?.protocol === 'https:' || (uri?.protocol === 'http:' && isLoopback(uri.hostname));
  if (safe && uri) return uri;
  p.problem('x_user_token.jwks_uri', 'must be an https URL (http is for loopback only): keys come from there');
  return undefined;
}
