import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { AppError } from '../errors/app-error.ts';
import type { TrustedPeers } from './trusted-peers.ts';

/** What is true of every request, settled once at the door. */
export interface Arrival {
  /** Stands in the answer (`x-request-id`), in log lines and in problem documents. */
  readonly id: string;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  readonly method: string;
  /** Request target as it came: path and query. */
  readonly url: string;
  /** Path as it came, without the query. */
  readonly path: string;
  /** Host as the client sees it. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Address of the peer of this connection. */
  readonly peer: string;
  /** Whether the peer's forwarding headers are believed. */
  readonly trusted: boolean;
}

declare module 'http' {
  interface IncomingMessage {
    /** Stands in `x-request-id`, log lines and problem documents; given by the first who asks. */
    id?: string;
    arrival: Arrival;
    /** Set for WebSocket upgrades: what the tunnel is made of once the request is admitted. */
    tunnel?: { readonly socket: Socket; readonly head: Buffer };
  }
}

// RFC 9110 7.2, restricted to what DNS names and addresses need (xs-app.md 4.4 ENABLE_X_FORWARDED_HOST_VALIDATION: always).
const validHost = /^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;
const validId = /^[\w.-]{8,128}$/;

/**
 * Settles what is true of a request. Forwarding headers count only from trusted peers (T-11).
 * @throws AppError 400 when the host the client names is no host
 */
export function acceptArrival(
  request: IncomingMessage,
  trusts: TrustedPeers,
  id = requestId(request, trusts),
): Arrival {
  const { headers, socket } = request;
  const trusted = trusts(socket.remoteAddress);
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  const host = (trusted && first(headers['x-forwarded-host'])) || headers.host || '';
  if (!isHost(host))
    throw new AppError({ code: 'ERR_BAD_REQUEST', status: 400, detail: 'the Host header names no host' });
  const forwarded = trusted ? first(headers['x-forwarded-proto'])?.toLowerCase() : undefined;
  const encrypted = (socket as TLSSocket).encrypted === true;
  return {
    id,
    startedAt: performance.now(),
    method: request.method ?? 'GET',
    url,
    path: query < 0 ? url : url.slice(0, query),
    host,
    // Some proxies name the scheme of a WebSocket (RFC 6455 3), whose page has the other name of it.
    scheme: (forwarded ? forwarded === 'https' || forwarded === 'wss' : encrypted) ? 'https' : 'http',
    peer: socket.remoteAddress ?? '',
    trusted,
  };
}

/** Hosts that were found to be some: a router has few, and parsing an address costs more than all else here. */
const knownHosts = new Set<string>();

function isHost(host: string): boolean {
  if (knownHosts.has(host)) return true;
  if (!validHost.test(host) || !URL.canParse(`http://${host}`)) return false;
  if (knownHosts.size < 100) knownHosts.add(host);
  return true;
}

/** The id a trusted peer gave the request (Cloud Foundry's router calls it x-vcap-request-id), or one of our own. */
export function requestId({ headers, socket }: IncomingMessage, trusts: TrustedPeers): string {
  const proposed = trusts(socket.remoteAddress)
    ? (first(headers['x-request-id']) ?? first(headers['x-vcap-request-id']))
    : undefined;
  return proposed !== undefined && validId.test(proposed) ? proposed : randomUUID();
}

function first(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.split(',', 1)[0]?.trim();
}
