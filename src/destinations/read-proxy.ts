import { environmentProxy, type ForwardProxy } from '../config/forward-proxy.ts';
import type { Properties } from './properties.ts';

/** Reads the approuter's proxyHost and proxyPort, which are for one destination's target. */
export function readOwnProxy(p: Properties): ForwardProxy | undefined {
  const host = p
    .text('proxyHost')
    ?.replace(/^http:\/\//i, '')
    .replace(/\/$/, '');
  const port = p.wholeNumber('proxyPort', 1, 65_535);
  if (host === undefined && p.text('proxyPort') === undefined) return undefined;
  if (host === undefined) p.problem('proxyHost', 'is missing; proxyHost and proxyPort go together');
  else if (p.text('proxyPort') === undefined) p.problem('proxyPort', 'is missing; proxyHost and proxyPort go together');
  else if (!/^[A-Za-z0-9_.-]+$|^\[[0-9a-fA-F:]+\]$/.test(host))
    p.problem('proxyHost', 'must be a host name or address');
  return host === undefined || port === undefined ? undefined : { host, port, secure: false, authorization: undefined };
}

/**
 * The proxy that the environment has for a URL.
 * @param property of the destination that holds the URL, where a proxy that cannot be used is reported
 */
export function readEnvironmentProxy(
  p: Properties,
  property: string,
  url: URL,
  env: (name: string) => string | undefined,
): ForwardProxy | undefined {
  const proxy = environmentProxy(url, env);
  if (typeof proxy !== 'string') return proxy;
  p.problem(property, proxy);
  return undefined;
}
