import { isLoopback } from '../config/loopback.ts';
import type { Properties } from './properties.ts';
import type { JsonWebKeySet, UserTokenRules, UserTokenVerification } from './user-token.ts';

/** Reads what a destination says of the user's token (destination-service.md 2.3). */
export function readUserToken(p: Properties): UserTokenRules {
  return { destinationName: p.text('userToken.destinationName')?.trim(), verification: readVerification(p) };
}

/** Inline keys come first where both are given (proposal of section 2.3). */
function readVerification(p: Properties): UserTokenVerification | undefined {
  const inline = p.text('x_user_token.jwks');
  const uri = p.text('x_user_token.jwks_uri')?.trim();
  const type = p.text('x_user_token.header.typ') ?? 'JWT';
  const jwks = inline === undefined ? undefined : readJwks(p, inline);
  const url = uri === undefined ? undefined : readJwksUri(p, uri);
  if (jwks) return { keys: { kind: 'inline', jwks }, type };
  return url && { keys: { kind: 'uri', uri: url }, type };
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
