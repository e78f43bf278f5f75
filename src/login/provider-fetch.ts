import type { Dispatcher, RequestInit } from 'undici';
import type { ForwardProxy } from '../config/forward-proxy.ts';
import type { LoginClientAuthentication } from '../config/identity-provider.ts';

/** The `fetch` of openid-client and jose, and our own. */
export type ProviderFetch = (url: string | URL, init?: object) => Promise<Response>;

/** The proxy on the way to a URL, where there is one; in words, where it cannot be used. */
export type ProxyOf = (url: URL) => ForwardProxy | string | undefined;

/** Without any proxy. */
export const directly: ProxyOf = () => undefined;

/** Bytes of an answer at most, decoded: metadata, keys and tokens are some kilobytes, and are read as a whole. */
const longestAnswer = 1_048_576;

/** Milliseconds a proxy may take to make a tunnel. */
const connectTimeout = 10_000;

/**
 * Makes the calls to one identity provider: metadata, keys and tokens. They go through the proxy of the environment, and
 * show our certificate where the provider knows us by it (RFC 8705 2).
 */
export function createProviderFetch(authentication: LoginClientAuthentication, proxyOf: ProxyOf): ProviderFetch {
  const dispatchers = new Map<string, Dispatcher>();
  const shown = authentication.method === 'tls_client_auth' ? authentication.keyPair.pem : undefined;
  const tls = shown === undefined ? {} : { key: shown.key, cert: shown.certificate };
  return async (url, init) => {
    const proxy = proxyOf(new URL(url));
    if (typeof proxy === 'string') throw new Error(`${new URL(url).origin} ${proxy}`);
    if (proxy === undefined && shown === undefined) return bounded(await globalThis.fetch(url, init));
    const way = proxy === undefined ? '' : JSON.stringify(proxy);
    const undici = await import('undici');
    let dispatcher = dispatchers.get(way);
    if (dispatcher === undefined) {
      dispatcher = proxy ? through(undici, proxy, tls) : new undici.Agent({ connect: tls, allowH2: false });
      dispatchers.set(way, dispatcher);
    }
    // Two declarations of one thing: undici's own, and node's.
    return bounded((await undici.fetch(url, { ...init, dispatcher } as RequestInit)) as unknown as Response);
  };
}

/** An answer that fails to be read beyond so many bytes. */
function bounded(answer: Response): Response {
  if (answer.body === null) return answer;
  let left = longestAnswer;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      left -= chunk.length;
      if (left < 0) throw new Error('the answer of the identity provider is too long');
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(counting), { status, statusText, headers });
}

function through(
  { Pool, ProxyAgent }: typeof import('undici'),
  { host, port, secure, authorization }: ForwardProxy,
  tls: object,
): Dispatcher {
  return new ProxyAgent({
    uri: `http${secure ? 's' : ''}://${host}:${port}`,
    allowH2: false,
    ...(authorization === undefined ? {} : { token: authorization }),
    requestTls: { ...tls, timeout: connectTimeout },
    clientFactory: (origin, more) => new Pool(origin, { ...more, headersTimeout: connectTimeout }),
  });
}
