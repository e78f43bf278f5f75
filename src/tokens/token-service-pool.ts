import type { buildConnector as Connecting, Dispatcher, Pool as Pools } from 'undici';
import { tlsOptions } from '../destinations/tls-options.ts';
import type { TokenService } from '../destinations/token-service.ts';
import { buildConnector, Pool, ProxyAgent } from '../undici-core.ts';

/** The connections to one token service. */
export interface TokenServiceLine {
  readonly pool: Dispatcher;
  /**
   * The TLS alert the service ended a connection with, once; undefined when there was none. With TLS 1.3 the refusal of
   * a client certificate arrives after the handshake, and undici reports no more than a closed connection.
   */
  takeAlert(): Error | undefined;
}

/** A token answer is some kilobytes; more than this (bytes) is not one. */
export const maxResponseSize = 1_048_576;

/** Connections to one token service; further requests wait for one, within their time limit. */
const connections = 64;

/** A line lives as long as the destination it serves. */
const lines = new WeakMap<TokenService, TokenServiceLine>();

/** The connections to a token service, with its own trust and client certificate. */
export function lineTo(tokenService: TokenService): TokenServiceLine {
  let line = lines.get(tokenService);
  if (line === undefined) {
    line = createLine(tokenService);
    lines.set(tokenService, line);
  }
  return line;
}

function createLine(tokenService: TokenService): TokenServiceLine {
  const { url, proxy, connectTimeout, readTimeout } = tokenService;
  let alert: Error | undefined;
  const options = {
    connections,
    allowH2: false,
    headersTimeout: readTimeout,
    bodyTimeout: readTimeout,
    maxResponseSize,
  };
  const tls = { timeout: connectTimeout, ...tlsOptions(tokenService.tls) };
  const listening =
    (connector: Connecting.connector): Connecting.connector =>
    (target, connected) =>
      connector(target, (...outcome) => {
        outcome[1]?.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code?.startsWith('ERR_SSL')) alert = error;
        });
        connected(...outcome);
      });
  return {
    pool:
      proxy === undefined
        ? new Pool(url.origin, { ...options, connect: listening(buildConnector({ allowH2: false, ...tls })) })
        : new ProxyAgent({
            ...options,
            uri: `http${proxy.secure ? 's' : ''}://${proxy.host}:${proxy.port}`,
            ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
            requestTls: tls,
            clientFactory: (origin, more) => new Pool(origin, { ...more, headersTimeout: connectTimeout }),
            factory: (origin, more: Pools.Options & { connect?: unknown }) =>
              new Pool(origin, {
                ...more,
                ...(typeof more.connect === 'function'
                  ? { connect: listening(more.connect as Connecting.connector) }
                  : {}),
              }),
          }),
    takeAlert() {
      const taken = alert;
      alert = undefined;
      return taken;
    },
  };
}
