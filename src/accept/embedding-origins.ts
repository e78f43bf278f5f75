import type { Problems } from '../errors/config-error.ts';

/**
 * Origins whose pages may embed us in frames (PORTUNUS_EMBEDDED_IN); a leading `*.` of the host stands for its
 * subdomains. What is no origin is a problem; so is SECURE_SESSION_COOKIE=false, for no browser takes such a cookie.
 */
export function readEmbeddingOrigins(
  settings: { readonly embeddedIn: string; readonly secureSessionCookie: boolean | undefined },
  problems: Problems,
): readonly string[] {
  const origins = settings.embeddedIn.split(/[\s,]+/).filter(Boolean);
  for (const origin of origins)
    if (!/^https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?$/i.test(origin))
      problems.add('PORTUNUS_EMBEDDED_IN', '', `"${origin}" is no origin; write it as https://workzone.example`);
  if (origins.length > 0 && settings.secureSessionCookie === false)
    problems.add(
      'SECURE_SESSION_COOKIE',
      '',
      'is false, but cookies in frames of other sites must be Secure; remove it, or PORTUNUS_EMBEDDED_IN',
    );
  return origins;
}
