import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { LandscapeKeys } from '../keys/make-keys.ts';
import type { ServiceName } from './calls.ts';
import { close, listen } from './listen.ts';

export interface OpenServers {
  readonly origins: Readonly<Record<ServiceName, string>>;
  /** Gives a service its handler: ports come first, since each service must know the addresses of the others. */
  serve(service: ServiceName, handler: RequestListener): void;
  stop(): Promise<void>;
}

/** Opens a loopback port for each service; those of IAS speak TLS and ask for a client certificate without insisting. */
export async function openServers(
  keys: LandscapeKeys,
  ports: Partial<Readonly<Record<ServiceName, number>>>,
): Promise<OpenServers> {
  const tls = () =>
    createTlsServer({
      key: keys.server.keys.privatePem,
      cert: keys.server.certificate,
      ca: keys.authority.certificate,
      requestCert: true,
      // Judged per request: an API without mutual TLS, and an error in OAuth's words, need the connection to stand.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
  const servers: Readonly<Record<ServiceName, Server | TlsServer>> = {
    entra: createServer(),
    graph: createServer(),
    successFactors: createServer(),
    ias: tls(),
    costCenters: tls(),
  };
  const names = Object.keys(servers) as ServiceName[];
  const stop = async () => {
    await Promise.all(names.filter((name) => servers[name].listening).map((name) => close(servers[name])));
  };
  try {
    const origins = await Promise.all(
      names.map(async (name) => {
        const port = await listen(servers[name], ports[name]);
        return [name, `${name === 'ias' || name === 'costCenters' ? 'https' : 'http'}://localhost:${port}`] as const;
      }),
    );
    return Object.freeze({
      origins: Object.freeze(Object.fromEntries(origins)) as Record<ServiceName, string>,
      serve: (name: ServiceName, handler: RequestListener) => void servers[name].on('request', handler),
      stop,
    });
  } catch (problem) {
    await stop();
    throw problem;
  }
}
