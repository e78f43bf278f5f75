import { explainUnreachable } from './unsupported-authentication.ts';

/** A destination of `destinations.json` that nothing here can use, and that stands there all the same. */
export interface SetAside {
  /** What is in the way, and what to do, after "cannot be used: ". */
  readonly why: string;
  /** The property that says so, as it is written. */
  readonly property: string;
  /** May be named by a route's `$n` or `*`: who names it so is told why it fails. */
  readonly dynamic: boolean;
}

/** Kinds of the Destination service that are not HTTP (destination-service.md 2.1). */
const otherTypes = new Set(['RFC', 'MAIL', 'LDAP', 'TCP']);

/**
 * Whether a destination is of a kind that Portunus does not speak to. A cockpit's export holds all of a subaccount's: those
 * of other applications are no reason not to start.
 * @returns undefined: it is to be parsed, and whatever is wrong with it is a fault
 */
export function setAside(raw: Readonly<Record<string, unknown>>): SetAside | undefined {
  const found = inTheWay(raw);
  if (found === undefined) return undefined;
  const dynamic = String(raw['HTML5.DynamicDestination'] ?? raw['DynamicDestination'] ?? '').trim();
  return Object.freeze({ ...found, dynamic: /^true$/i.test(dynamic) });
}

function inTheWay(raw: Readonly<Record<string, unknown>>): Pick<SetAside, 'why' | 'property'> | undefined {
  const [typeName, type] = writtenOf(raw, 'Type', 'type');
  if (otherTypes.has(type.toUpperCase()))
    return { property: typeName, why: `only destinations of type HTTP can be forwarded to, not ${type}` };
  const [proxyName, proxy] = writtenOf(raw, 'ProxyType', 'proxyType');
  if (proxy.toLowerCase() === 'onpremise')
    return { property: proxyName, why: 'OnPremise needs a Cloud Connector, which is not supported yet; use Internet' };
  const [name, authentication] = writtenOf(raw, 'Authentication', 'authentication');
  const unreachable = explainUnreachable(authentication);
  if (unreachable !== undefined) return { property: name, why: unreachable };
  return settings.find(({ of, property, value }) => {
    const [, written] = writtenOf(raw, property, property);
    return of.test(authentication) && written.toLowerCase() === value.toLowerCase();
  });
}

/** Properties that say so of types that can be used otherwise (section 2.3, 2.5). */
const settings = [
  {
    of: /^ClientCertificateAuthentication$/,
    property: 'KeyStore.Source',
    value: 'ClientProvided',
    why: 'callers of the Destination service hold its key; name a key store in KeyStoreLocation',
  },
  {
    of: /^OAuth2/,
    property: 'tokenServiceURL.ProxyType',
    value: 'OnPremise',
    why: 'its token service needs a Cloud Connector, which is not supported yet; use Internet',
  },
] as const;

function writtenOf(
  raw: Readonly<Record<string, unknown>>,
  ...spellings: [string, string]
): [name: string, value: string] {
  const name = raw[spellings[0]] === undefined ? spellings[1] : spellings[0];
  const value = raw[name];
  return [name, typeof value === 'string' ? value.trim() : ''];
}
