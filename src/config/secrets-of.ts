import type { Config } from './config.ts';

/** SESSION_SECRET, else the one of EXT_SESSION_MGT; then the earlier ones, which still open what they sealed. */
export function secretsOf({ settings, externalSessions }: Config): readonly string[] {
  const current = settings.sessionSecret ?? externalSessions?.secret;
  if (current === undefined) return [];
  const previous = settings.previousSessionSecrets.trim();
  // A secret may have blanks and commas itself: all of it could be one, too.
  return [...new Set([current, previous, ...previous.split(/[\s,]+/)])].filter(Boolean);
}
