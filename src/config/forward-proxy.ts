import { isLoopback } from './loopback.ts';

/** Who passes connections on to a server that cannot be reached directly. */
export interface ForwardProxy {
  readonly host: string;
  readonly port: number;
  /** The connection to the proxy itself is TLS. */
  readonly secure: boolean;
  /** Value of Proxy-Authorization; undefined: the proxy asks for none. */
  readonly authorization: string | undefined;
}

/** Value of an environment variable. */
type Variable = (name: string) => string | undefined;

/**
 * The proxy that the environment has for a URL: HTTPS_PROXY or HTTP_PROXY by its scheme, unless NO_PROXY names its host.
 * As usual the names may be in lower case, and those win. This machine is never asked for through a proxy.
 * @returns undefined: there is none; or in words what is wrong with the variable, without its value
 */
export function environmentProxy(url: URL, env: Variable): ForwardProxy | string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = (env(name.toLowerCase()) ?? env(name))?.trim();
  if (!text || isLoopback(url.hostname)) return undefined;
  if (isExempt(url, env('no_proxy') ?? env('NO_PROXY') ?? '')) return undefined;
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`);
  // Not quoted: it may hold a password.
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol) || proxy.pathname + proxy.search !== '/')
    return `is reached through ${name}, which must be a URL such as http://proxy.example:8080`;
  const secure = proxy.protocol === 'https:';
  return {
    host: proxy.hostname,
    port: Number(proxy.port) || (secure ? 443 : 80),
    secure,
    authorization: proxy.username === '' ? undefined : basic(proxy),
  };
}

function basic({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Entries are `*`, hosts, or domains with or without a dot or `*.` in front, each with a port or none; blanks or commas between. */
function isExempt({ protocol, hostname, port }: URL, list: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  const usedPort = port || (protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, name = '', entryPort = usedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      const domain = name.replace(/^\*?\./, '');
      return entryPort === usedPort && (name === '*' || host === domain || host.endsWith(`.${domain}`));
    });
}
