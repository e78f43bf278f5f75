import { AppError } from '../errors/app-error.ts';
import type { Arrival } from './arrival.ts';

const probes: ReadonlySet<string> = new Set(['/-/health/live', '/-/health/ready']);

/**
 * SECURE_SESSION_COOKIE=true promises that the session travels encrypted only; a request over plain HTTP is refused then
 * (xs-app.md 4.3). Probes of the platform come without TLS and without a session: health stays reachable.
 * @throws AppError 403
 */
export function refusePlainHttp({ scheme, path }: Arrival, secureOnly: boolean | undefined): void {
  if (secureOnly !== true || scheme === 'https' || probes.has(path)) return;
  throw new AppError({
    code: 'ERR_FORBIDDEN',
    status: 403,
    detail: 'This application is reached by https only.',
    hint: 'If TLS ends at a proxy in front, name it in PORTUNUS_TRUSTED_PROXIES.',
  });
}
