import type { Properties } from './properties.ts';

const day = 86_400_000;
const noticeDays = 30;

const fixed = {
  client_assertion: 'clientAssertion.KeyStoreLocation mints one for each request',
  assertion: 'without it the token of the logged-in user is sent',
} as const;

/**
 * Warns of assertions written into `tokenService.body.*` that have expired or soon will: nobody renews them
 * (destination-service.md 8 #14). What is no JWT, or names no end, is left alone.
 * @param now milliseconds since the epoch
 */
export function warnOfFixedAssertions(p: Properties, body: Readonly<Record<string, string>>, now: number): void {
  for (const [field, cure] of Object.entries(fixed)) {
    const end = expiryOf(body[field]);
    if (end === undefined || end - now > noticeDays * day) continue;
    const when = new Date(end).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
    p.warn(
      `tokenService.body.${field}`,
      `${end <= now ? 'expired' : 'expires'} on ${when}, and nobody renews it; ${cure}`,
    );
  }
}

/** `exp` of a JWT (RFC 7519 4.1.4), in milliseconds since the epoch. */
function expiryOf(text = ''): number | undefined {
  const [, payload = '', ...rest] = text.split('.');
  if (rest.length !== 1) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const { exp } = (claims ?? {}) as { exp?: unknown };
    return typeof exp === 'number' && Math.abs(exp) < 1e11 ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
