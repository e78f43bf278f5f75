import { getCACertificates } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import type { TokenService } from '../destinations/token-service.ts';

/** The connections to one token service. */
export interface TokenServiceLine {
  readonly pool: Pool;
  /**
   * The TLS alert the service ended a connection with, once; undefined when there was none. With TLS 1.3 the refusal of
   * a client certificate arrives after the handshake, and undici reports no more than a closed connection.
   */
  takeAlert(): Error | undefined;
}

/** A token answer is some kilobytes; more than this (bytes) is not one. */
const maxResponseSize = 1_048_576;

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

function createLine({ url, tls, connectTimeout, readTimeout }: TokenService): TokenServiceLine {
  const { verify, trust, clientCertificate } = tls;
  let alert: Error | undefined;
  const connector = buildConnector({
    timeout: connectTimeout,
    allowH2: false,
    rejectUnauthorized: verify,
    ...(trust.length > 0 ? { ca: [...getCACertificates('default'), ...trust] } : {}),
    ...(clientCertificate ? { key: clientCertificate.pem.key, cert: clientCertificate.pem.certificate } : {}),
  });
  const pool = new Pool(url.origin, {
    connections,
    allowH2: false,
    headersTimeout: readTimeout,
    bodyTimeout: readTimeout,
    maxResponseSize,
    connect: (options, connected) =>
      connector(options, (...outcome) => {
        outcome[1]?.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code?.startsWith('ERR_SSL')) alert = error;
        });
        connected(...outcome);
      }),
  });
  return {
    pool,
    takeAlert() {
      const taken = alert;
      alert = undefined;
      return taken;
    },
  };
}
