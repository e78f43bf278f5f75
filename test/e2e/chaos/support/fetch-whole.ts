import { Agent, type IncomingMessage, request } from 'node:http';

/** What a client makes of an answer: all of it, one that was cut off, or none. */
export type Outcome =
  | { readonly kind: 'whole'; readonly status: number; readonly text: string }
  | { readonly kind: 'cut'; readonly status: number; readonly text: string }
  | { readonly kind: 'none'; readonly code: string };

export interface Wish {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request on a connection of its own; never rejects. */
export function fetchWhole(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Wish = {},
): Promise<Outcome> {
  return new Promise((told) => {
    const agent = new Agent({ keepAlive: false });
    const asking = request({ host: '127.0.0.1', port, path, method, headers: { ...headers }, agent });
    asking.once('response', (answer: IncomingMessage) => {
      let text = '';
      answer.setEncoding('latin1');
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('error', () => {});
      answer.once('close', () =>
        told({ kind: answer.complete ? 'whole' : 'cut', status: answer.statusCode ?? 0, text }),
      );
    });
    asking.on('error', (cause: NodeJS.ErrnoException) => told({ kind: 'none', code: cause.code ?? cause.message }));
    asking.end(body);
  });
}
