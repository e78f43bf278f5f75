import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { AppError } from '../errors/app-error.ts';
import { toleratedAtLogin } from './clock-difference.ts';
import { longestAge } from './logout-token-age.ts';

/** Whose sessions a logout token ends: one session by `sid`, or all of a user. */
export interface LogoutSubject {
  readonly sid: string | undefined;
  readonly subject: string | undefined;
}

export interface LogoutTokenRules {
  readonly keys: JWTVerifyGetKey;
  /** Names of the issuer; several where it has several. */
  readonly issuer: string | string[];
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Takes the `jti` of a token once, on all instances; false when it was seen before. */
  readonly firstUse: (jti: string) => boolean | Promise<boolean>;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';

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
      // Made for us a moment ago, believed once, and good for nothing but an end: sooner too much is ended than a logout is lost.
      clockTolerance: toleratedAtLogin,
      maxTokenAge: longestAge,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
    });
    if (Number(payload.exp) <= Number(payload.iat)) throw new Error('exp');
    const { typ } = protectedHeader;
    const events = payload['events'];
    const sid = typeof payload['sid'] === 'string' ? payload['sid'] : undefined;
    if (typ !== undefined && !/^(?:application\/)?(?:logout\+jwt|jwt)$/i.test(typ)) throw new Error('typ');
    if (!isObject(events) || !Object.hasOwn(events, event) || !isObject(events[event])) throw new Error('events');
    if (payload['nonce'] !== undefined) throw new Error('nonce');
    if (sid === undefined && typeof payload.sub !== 'string') throw new Error('sid');
    if (typeof payload.jti !== 'string' || !(await rules.firstUse(payload.jti))) throw new Error('jti');
    return { sid, subject: typeof payload.sub === 'string' ? payload.sub : undefined };
  } catch (cause) {
    // A store out of reach is no fault of the token: the provider is to send it again (design section 5).
    if (cause instanceof AppError) throw cause;
    throw new AppError({
      code: 'ERR_BAD_REQUEST',
      status: 400,
      detail: 'The logout token is not valid.',
      members: { error: 'invalid_request' },
      cause,
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
