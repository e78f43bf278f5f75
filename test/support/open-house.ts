import { type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buildApp } from '../../src/app.ts';
import type { House } from '../../src/house.ts';
import { buildServer } from '../../src/server.ts';
import { atEnd } from './at-end.ts';

/** An answer as it came over the wire. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** A house that listens on loopback, asked without any client that tidies up what it is told to send. */
export interface OpenHouse {
  readonly port: number;
  readonly origin: string;
  /** @param target the request target, sent as it is */
  ask(target: string, asked?: Asked): Promise<Answered>;
  /** Sends bytes, returns everything that came until the other end closed. */
  say(bytes: string): Promise<string>;
}

export async function openHouse(house: House): Promise<OpenHouse> {
  const server = buildServer(buildApp(house), house.config.settings);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    ask: (target, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((answered, failed) => {
        const asking = request(
          { host: '127.0.0.1', port, path: target, method, headers: headers as Record<string, string>, agent: false },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('error', failed);
            answer.on('end', () =>
              answered({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                rawHeaders: answer.rawHeaders,
                body: Buffer.concat(chunks).toString(),
              }),
            );
          },
        );
        asking.on('error', failed);
        asking.end(body);
      }),
    say: (bytes) =>
      new Promise((heard, failed) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
        let text = '';
        socket.setTimeout(3_000, () => socket.destroy());
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
        });
        socket.on('error', failed);
        socket.on('close', () => heard(text));
      }),
  };
}
