import type { Properties } from './properties.ts';

/**
 * Properties the Destination service or the approuter knows and Portunus does not act on yet. Refused where ignoring
 * them would send something to somebody the owner did not mean; otherwise a warning.
 */
const unsupported: readonly Unsupported[] = [
  {
    name: 'tokenServiceURL.ProxyType',
    unless: /^Internet$/i,
    refuse: 'is not supported yet: token services are reached directly (Internet)',
  },
  {
    name: 'HTML5.StrictConnectionMode',
    unless: /^false$/i,
    warn: 'has no effect: connections are never shared between certificates, and stale ones are noticed',
  },
  { name: 'CloudConnectorLocationId', warn: 'has no effect: on-premise destinations are not supported yet' },
  { name: 'Preemptive', unless: /^true$/i, warn: 'has no effect: the credential is always sent at once' },
  // Mean something to the types that act for a user, and are often left behind on others.
  { name: 'x_user_token.jwks' },
  { name: 'x_user_token.jwks_uri' },
  { name: 'x_user_token.header.typ' },
  { name: 'x_user_token.issuer' },
  { name: 'x_user_token.audience' },
];

interface Unsupported {
  readonly name: string;
  /** Values that ask for what is done anyway. */
  readonly unless?: RegExp;
  readonly refuse?: string;
  readonly warn?: string;
}

/**
 * Reports the properties of the table that are set.
 * @param whose `target`: the token service is somebody else's business
 */
export function reportUnsupported(p: Properties, whose: 'all' | 'target' = 'all'): void {
  for (const { name, unless, refuse, warn } of unsupported) {
    if (whose === 'target' && name.startsWith('tokenService')) continue;
    const value = p.text(name)?.trim();
    if (value === undefined || unless?.test(value)) continue;
    if (refuse) p.problem(name, refuse);
    else if (warn) p.warn(name, warn);
  }
}
