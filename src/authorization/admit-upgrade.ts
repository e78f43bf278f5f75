import type { Arrival } from '../accept/arrival.ts';
import { AppError } from '../errors/app-error.ts';

export interface UpgradeRules {
  /** `websockets.enabled`. */
  readonly enabled: boolean;
  /** WS_ALLOWED_ORIGINS; undefined: our own origin only. Set, our own no longer counts by itself (xs-app.md 8.8). */
  readonly allowedOrigin: ((origin: string) => boolean) | undefined;
}

/**
 * Whether an upgrade may be considered at all: browsers send cookies with WebSockets of any site, so the origin decides
 * (cross-site WebSocket hijacking, T-36). No origin is no browser of ours: refused too.
 * @throws AppError 403
 */
export function admitUpgrade(rules: UpgradeRules, arrival: Arrival, origin: string | undefined): void {
  const { scheme, host } = arrival;
  const allowed =
    rules.enabled &&
    origin !== undefined &&
    (rules.allowedOrigin?.(origin) ?? origin.toLowerCase() === `${scheme}://${host}`.toLowerCase());
  if (!allowed) throw new AppError({ code: 'ERR_FORBIDDEN', status: 403 });
}
