import { toleratedAtLogin } from './clock-difference.ts';

/** Seconds after `iat` that a logout token is believed. */
export const longestAge = 300;
/** Milliseconds in which a token may be believed, whichever way the clocks differ: so long its `jti` is remembered. */
export const believedFor = (longestAge + 2 * toleratedAtLogin) * 1000;
