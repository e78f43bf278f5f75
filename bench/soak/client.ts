import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent } from 'undici';
import { WebSocket } from 'ws';
import type { Tally } from './tally.ts';

/** One request, and which statuses are right. */
export interface Ask {
  readonly kind: string;
  readonly path: string;
  readonly wants: readonly number[];
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Whether the body came to its end. */
  readonly isWhole: boolean;
}

/** How the load asks; what is not as expected is counted. */
export interface Client {
  readonly origin: string;
  readonly tally: Tally;
  /** Kept connections, until everybody leaves. */
  readonly agent: () => Agent;
  /** One request; asks until its end. Never fails: what comes instead of an answer is counted as unexpected. */
  ask(ask: Ask): Promise<Asked>;
  /** One request on a connection of its own, for what ends in the middle. The head of its answer is waited for. */
  begin(ask: Omit<Ask, 'body'>): Promise<IncomingMessage | undefined>;
  /** The beginning of an upload on a connection of its own, and then nothing: the sender has left. */
  sendHalf(ask: Omit<Ask, 'wants'>, half: Buffer, size: number): Promise<void>;
  /** A WebSocket; undefined and counted when it is refused and should not be. */
  open(kind: string, path: string, headers: Readonly<Record<string, string>>): Promise<WebSocket | undefined>;
  /** Status of an upgrade that is refused. */
  refuse(ask: Ask): Promise<void>;
  /** Closes kept connections; the next request opens new ones. */
  leave(): Promise<void>;
}

const nothing: Asked = { status: 0, headers: {}, text: '', isWhole: false };
/** Milliseconds after which an answer is none: no limit of the router's is as long. */
const patience = 60_000;

export function createClient(origin: string, tally: Tally): Client {
  const { hostname, port, host } = new URL(origin);
  let agent = new Agent({ connections: 32, bodyTimeout: patience, headersTimeout: patience });
  const judge = ({ kind, wants }: Ask, status: number) => {
    tally.done(kind);
    if (!wants.includes(status)) tally.unexpected(kind, `${status} instead of ${wants.join(' or ')}`);
  };
  const lost = ({ kind }: { readonly kind: string }, cause: unknown) => {
    tally.done(kind);
    tally.unexpected(kind, `no answer: ${(cause as { code?: string }).code ?? String(cause)}`);
  };
  const socketTo = (path: string, headers: Readonly<Record<string, string>>) =>
    new WebSocket(`ws://${host}${path}`, { headers: { origin, ...headers }, handshakeTimeout: patience });
  return {
    origin,
    tally,
    agent: () => agent,
    async ask(ask) {
      const { path, method = 'GET', headers = {}, body = null } = ask;
      try {
        const answer = await agent.request({ origin, path, method: method as 'GET', headers, body });
        const read = await answer.body.text().then(
          (text) => ({ text, isWhole: true }),
          () => ({ text: '', isWhole: false }),
        );
        judge(ask, answer.statusCode);
        return { status: answer.statusCode, headers: answer.headers, ...read };
      } catch (cause) {
        lost(ask, cause);
        return nothing;
      }
    },
    async begin(ask) {
      try {
        const answer = await headOf(plainRequest({ hostname, port, agent: false, ...ask }));
        judge(ask, answer.statusCode ?? 0);
        answer.on('error', () => {});
        return answer;
      } catch (cause) {
        lost(ask, cause);
        return undefined;
      }
    },
    async sendHalf({ kind, path, method, headers = {} }, half, size) {
      const sending = plainRequest({
        hostname,
        port,
        agent: false,
        path,
        method,
        headers: { ...headers, 'content-length': String(size) },
      });
      sending.on('error', () => {});
      await new Promise<void>((sent) => sending.write(half, () => sent()));
      sending.destroy();
      tally.done(kind);
    },
    open(kind, path, headers) {
      const socket = socketTo(path, headers);
      socket.on('error', () => {});
      tally.done(kind);
      return new Promise((opened) => {
        socket.once('open', () => opened(socket));
        socket.once('unexpected-response', (_request, answer) => {
          tally.unexpected(kind, `${answer.statusCode} instead of 101`);
          answer.resume();
          socket.terminate();
          opened(undefined);
        });
        socket.once('close', () => opened(undefined));
      });
    },
    async refuse(ask) {
      const socket = socketTo(ask.path, ask.headers ?? {});
      socket.on('error', () => {});
      const status = await new Promise<number>((told) => {
        socket.once('open', () => told(101));
        socket.once('unexpected-response', (_request, answer) => {
          answer.resume();
          told(answer.statusCode ?? 0);
        });
        socket.once('error', () => told(0));
      });
      socket.terminate();
      judge(ask, status);
    },
    async leave() {
      await agent.close();
      agent = new Agent({ connections: 32, bodyTimeout: patience, headersTimeout: patience });
    },
  };
}

function headOf(asking: ClientRequest): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    asking.once('response', answered).once('error', failed);
    asking.end();
  });
}
