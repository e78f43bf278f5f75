import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { AppError } from '../errors/app-error.ts';

/** Whose sessions a logout token ends: one session by `sid`, or all of a user. */
export interface LogoutSubject {
  readonly sid: string | undefined;
  readonly subject: string | undefined;
}

export interface LogoutTokenRules {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Takes the `jti` of a token once; false when it was seen before. */
  readonly firstUse: (jti: string) => boolean;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** Seconds after `iat` that a logout token is believed. */
const longestAge = 300;

/**
 * All checks of OpenID Connect Back-Channel Logout 2.6 (token-flows.md F5, H70): signature, issuer, audience, age, event,
 * no nonce, sid or sub, never the same token twice.
 * @throws AppError 400
 */
export async function verifyLogoutToken(token: string, rules: LogoutTokenRules): Promise<LogoutSubject> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, rules.keys, {
      issuer: rules.issuer,
      audience: rules.audience,
      algorithms: [...rules.algorithms],
      clockTolerance: 60,
      maxTokenAge: longestAge,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
    });
    const { typ } = protectedHeader;
    const events = payload['events'];
    const sid = typeof payload['sid'] === 'string' ? payload['sid'] : undefined;
    if (typ !== undefined && !/^(?:application\/)?(?:logout\+jwt|jwt)$/i.test(typ)) throw new Error('typ');
    if (typeof events !== 'object' || events === null || !Object.hasOwn(events, event)) throw new Error('events');
    if (payload['nonce'] !== undefined) throw new Error('nonce');
    if (sid === undefined && payload.sub === undefined) throw new Error('sid');
    if (typeof payload.jti !== 'string' || !rules.firstUse(payload.jti)) throw new Error('jti');
    return { sid, subject: payload.sub };
  } catch (cause) {
    throw new AppError({
      code: 'ERR_BAD_REQUEST',
      status: 400,
      detail: 'The logout token is not valid.',
      members: { error: 'invalid_request' },
      cause,
    });
  }
}

/** Remembers values for a while: the first use is told from later ones. Bounded by time, `lifetime` in milliseconds. */
export function onceOnly(lifetime: number): (value: string) => boolean {
  const seen = new Map<string, number>();
  return (value) => {
    const now = Date.now();
    for (const [old, until] of seen) {
      if (until > now) break;
      seen.delete(old);
    }
    if (seen.has(value)) return false;
    seen.set(value, now + lifetime);
    return true;
  };
}
