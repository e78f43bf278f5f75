import type { Settings } from '../config/settings.ts';
import type { XsApp } from '../config/xs-app/xs-app-schema.ts';

/** How long sessions last, in milliseconds: without use, and used or not (docs/sessions.md, clocks 1 and 2). */
export interface SessionTimes {
  readonly idleTime: number;
  readonly longestLife: number;
}

export function sessionTimes(settings: Settings, xsApp: XsApp): SessionTimes {
  return {
    idleTime: (settings.sessionTimeout ?? xsApp.sessionTimeout ?? 15) * 60_000,
    longestLife: settings.sessionMaxAge * 60_000,
  };
}
