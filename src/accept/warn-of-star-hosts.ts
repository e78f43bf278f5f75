import type { Problems } from '../errors/config-error.ts';
import type { CorsEntry } from './cors.ts';
import type { OriginEntry } from './origins.ts';

/** The lists of origins among the settings. */
interface OriginSettings {
  readonly cors?: readonly CorsEntry[] | undefined;
  readonly wsAllowedOrigins?: readonly OriginEntry[] | undefined;
  readonly framingAllowlist?: readonly OriginEntry[] | undefined;
}

/**
 * A host is exact, or `*.domain` (xs-app.md 8.4, 8.5): a bare `*`, or one elsewhere, matches nothing. It is not taken for
 * "any", because these lists let pages call with the cookies of the user.
 */
export function warnOfStarHosts(
  settings: OriginSettings,
  cors: readonly CorsEntry[] | undefined,
  problems: Problems,
): void {
  const warn = (file: string, path: string, entries: readonly OriginEntry[]) => {
    for (const [index, { host }] of entries.entries())
      if (host.replace(/^\*\.(?=.)/, '').includes('*'))
        problems.warn(
          file,
          `${path}${index}/host`,
          `"${host}" matches no origin; name the host, or all below a domain with *.domain`,
        );
  };
  for (const [index, { allowedOrigin }] of (cors ?? []).entries())
    warn('xs-app.json', `cors/${index}/allowedOrigin/`, allowedOrigin);
  for (const [index, { allowedOrigin }] of (settings.cors ?? []).entries())
    warn('CORS', `${index}/allowedOrigin/`, allowedOrigin);
  warn('WS_ALLOWED_ORIGINS', '', settings.wsAllowedOrigins ?? []);
  warn('CJ_PROTECT_WHITELIST', '', settings.framingAllowlist ?? []);
}
