import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { seal, unseal } from '../session/seal.ts';

/** Every cookie of ours but the session's begins so; none of them goes upstream. */
export const ownCookiePrefix = 'portunus.';
const cookiePrefix = `${ownCookiePrefix}login.`;

/**
 * A login that was begun. It rides in a sealed cookie of its own, one per attempt: several tabs at once do not disturb
 * each other, and any instance can finish it (design section 6). State, nonce and code verifier all come from one seed,
 * which keeps the cookie small enough for twenty of them.
 */
export interface PendingLogin {
  readonly provider: string;
  /** Where the user wanted to go: a path of this house. */
  readonly returnUrl: string;
  readonly redirectUri: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** RFC 6749 10.12: binds the answer to this browser. Begins with the attempt's id. */
  readonly state: string;
  /** OpenID Connect Core 3.1.2.1: binds the id_token to this attempt. */
  readonly nonce: string;
  /** RFC 7636 4.1: 43 characters. */
  readonly codeVerifier: string;
}

interface SealedForm {
  readonly s: string;
  readonly p: string;
  readonly r: string;
  readonly u: string;
  readonly t: number;
}

/** Begins an attempt. @returns the attempt and the cookie that carries it */
export function beginPendingLogin(
  login: Pick<PendingLogin, 'provider' | 'returnUrl' | 'redirectUri'>,
  key: Buffer,
  now = Date.now(),
): { pending: PendingLogin; cookie: { name: string; value: string } } {
  const seed = randomBytes(32);
  const pending = expand(seed, { ...login, begunAt: now });
  const name = cookiePrefix + attemptOf(pending.state);
  const form: SealedForm = {
    s: seed.toString('base64url'),
    p: login.provider,
    r: login.returnUrl,
    u: login.redirectUri,
    t: now,
  };
  return { pending, cookie: { name, value: seal(JSON.stringify(form), key, name) } };
}

/** Name of the cookie that carries the attempt a `state` belongs to; undefined when it cannot be one of ours. */
export function pendingLoginCookie(state: string): string | undefined {
  return /^[\w-]{8}\.[\w-]{43}$/.test(state) ? cookiePrefix + attemptOf(state) : undefined;
}

/** Opens the cookie of an attempt; undefined when it is not ours or was changed. */
export function openPendingLogin(name: string, value: string, keys: readonly Buffer[]): PendingLogin | undefined {
  const text = keys.map((key) => unseal(value, key, name)).find((opened) => opened !== undefined);
  if (text === undefined) return undefined;
  const form = JSON.parse(text) as SealedForm;
  return expand(Buffer.from(form.s, 'base64url'), {
    provider: form.p,
    returnUrl: form.r,
    redirectUri: form.u,
    begunAt: form.t,
  });
}

/** RFC 7636 4.2: S256. */
export function codeChallenge(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url');
}

function expand(
  seed: Buffer,
  rest: Pick<PendingLogin, 'provider' | 'returnUrl' | 'redirectUri' | 'begunAt'>,
): PendingLogin {
  const derive = (label: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', seed, '', label, bytes)).toString('base64url');
  return Object.freeze({
    ...rest,
    state: `${derive('attempt', 6)}.${derive('state', 32)}`,
    nonce: derive('nonce', 32),
    codeVerifier: derive('code verifier', 32),
  });
}

function attemptOf(state: string): string {
  return state.slice(0, 8);
}
