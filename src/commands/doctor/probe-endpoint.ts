import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ForwardProxy } from '../../config/forward-proxy.ts';
import type { ClientTls } from '../../destinations/tls.ts';
import { type TlsOptions, tlsOptions } from '../../destinations/tls-options.ts';
import { tunnelAgent } from '../../forwarding/tunnel-agent.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { ok, type Step, take } from './step.ts';
import { transportComplaint } from './transport-complaint.ts';

/** Something that is connected to. */
export interface Endpoint {
  /** In front of the steps' names, e.g. `target`. */
  readonly label: string;
  readonly url: URL;
  readonly tls: ClientTls;
  readonly proxy: ForwardProxy | undefined;
  /** The property that names it, for cures. */
  readonly property: string;
}

/**
 * Looks at the way to an endpoint: name, connection, certificate. Ends with the first step that fails.
 * @param limit milliseconds a step
 */
export async function probeEndpoint({ label, url, tls, proxy, property }: Endpoint, limit: number): Promise<Step[]> {
  const secure = url.protocol === 'https:';
  const first = proxy ?? { host: url.hostname, port: Number(url.port) || (secure ? 443 : 80) };
  const host = first.host.replace(/^\[|\]$/g, '');
  const blamed = proxy === undefined ? property : 'HTTPS_PROXY or proxyHost';
  const steps: Step[] = [];
  const go = async (name: string, look: Parameters<typeof take>[2]) => {
    const step = await take(`${label} ${name}`, limit, look);
    steps.push(step);
    return step.outcome !== 'failed';
  };
  const resolved = await go('DNS', async () => {
    if (isIP(host) !== 0) return ok(`${host} is an address`);
    const found = await lookup(host, { all: true }).catch((cause) => {
      throw transportComplaint(cause, blamed);
    });
    return ok(`${host}: ${found.map(({ address }) => address).join(', ')}`);
  });
  if (!resolved) return steps;
  const connected = await go('TCP', async () => {
    const socket = await opened(connect({ host, port: first.port }), 'connect', limit, blamed);
    socket.destroy();
    return ok(`${first.host}:${first.port}${proxy === undefined ? '' : `, a proxy on the way to ${url.host}`}`);
  });
  if (!connected || !secure) return steps;
  await go('TLS', async () => {
    // Looked at first and judged afterwards: what is not believed is what one wants to see.
    const lenient = { ...tlsOptions(tls), rejectUnauthorized: false };
    const socket = await (proxy === undefined
      ? opened(
          connectTls({ host, port: first.port, servername: servername(url), ...lenient }),
          'secureConnect',
          limit,
          property,
        )
      : tunneled(url, proxy, lenient, property));
    try {
      return judgeCertificate(socket, tls.verify, Date.now());
    } finally {
      socket.destroy();
    }
  });
  return steps;
}

function servername({ hostname }: URL): string {
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : '';
}

function opened<S extends Socket>(socket: S, event: string, limit: number, property: string): Promise<S> {
  return new Promise((done, failed) => {
    const fail = (cause: unknown) => {
      socket.destroy();
      failed(transportComplaint(cause, property));
    };
    socket.setTimeout(limit, () => fail({ code: 'ETIMEDOUT' }));
    socket.once('error', fail);
    socket.once(event, () => {
      // A TLS 1.3 server refuses a missing client certificate only afterwards; the token or the call tells that.
      socket.off('error', fail).on('error', () => {});
      done(socket);
    });
  });
}

function tunneled(url: URL, proxy: ForwardProxy, tls: TlsOptions, property: string): Promise<TLSSocket> {
  return new Promise((done, failed) => {
    tunnelAgent(url, proxy, tls).createConnection({}, (cause, socket) => {
      if (cause) return failed(transportComplaint(cause, property));
      socket.on('error', () => {});
      done(socket as TLSSocket);
    });
  });
}
