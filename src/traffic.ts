import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeTunnel, isOpen } from './forwarding/close-tunnel.ts';
import { cutShort } from './forwarding/cut-short.ts';
import { InFlight } from './in-flight.ts';

/** WebSocket close code "going away" (RFC 6455 7.4.1). */
const goingAway = 1001;

const known = new WeakMap<Server, Traffic>();

/** What goes on at a server: node knows neither its tunnels nor connections that have not said anything yet. */
export class Traffic {
  readonly #answers = new InFlight<ServerResponse>();
  readonly #tunnels = new Set<Socket>();
  readonly #connections = new Set<Socket>();
  #isStopping = false;
  #closesTunnels = false;

  static of(server: Server): Traffic {
    const traffic = known.get(server) ?? new Traffic();
    known.set(server, traffic);
    return traffic;
  }

  /** How many requests are being answered. */
  get inFlight(): number {
    return this.#answers.count;
  }

  /** A connection of which node does not know yet. */
  connected(connection: Socket): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
  }

  /** An answer is to be given. @returns to be called when it is given, or nobody wants it any more */
  begun(response: ServerResponse): () => void {
    const stay = this.#answers.enter(response);
    if (this.#isStopping) response.shouldKeepAlive = false;
    return () => this.#answers.leave(stay);
  }

  /** A connection asks for a tunnel. What listens as long as that stands must not hold the request, and so is not there. */
  upgraded(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    this.#tunnels.add(socket);
    socket.once('close', () => this.#tunnels.delete(socket));
    if (this.#closesTunnels) closeTunnel(socket, goingAway, 'going away');
  }

  /** From now on the answer to a request is the last one of its connection: clients turn to another instance by themselves. */
  announceStop(): void {
    this.#isStopping = true;
    // Of several that wait for their turn the last one says so: what comes behind it would reach nobody (RFC 9112 9.6).
    const last = new Map(this.#answers.all().map((response) => [response.req.socket, response]));
    for (const response of last.values()) response.shouldKeepAlive = false;
  }

  /** Ends the tunnels, those to come too; their clients connect again, to another instance. */
  closeTunnels(): void {
    this.#closesTunnels = true;
    for (const socket of this.#tunnels) closeTunnel(socket, goingAway, 'going away');
  }

  /** Ends what has not come to its end in time. Nobody takes half an answer for a whole one. */
  endUnfinished(): void {
    for (const response of this.#answers.all())
      if (response.headersSent && !response.writableEnded) cutShort(response, false, new Error('stopped'));
    for (const socket of this.#tunnels) if (!isOpen(socket)) socket.end();
  }

  /** Cuts the connections that are left. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
