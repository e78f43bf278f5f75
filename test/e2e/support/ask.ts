import { type IncomingHttpHeaders, request } from 'node:http';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
}

/** One request on a connection of its own with these headers and no others; the target is sent as it is written. */
export function ask(
  origin: string,
  target: string,
  { method = 'GET', headers = {}, body }: Question = {},
): Promise<Reply> {
  const { port } = new URL(origin);
  return new Promise((answered, failed) => {
    const options = { host: '127.0.0.1', port, path: target, method, agent: false };
    const asking = request({ ...options, headers: headers as Record<string, string> }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', failed);
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: named, rawHeaders } = answer;
        answered({ status, headers: named, rawHeaders, body: bytes, text: bytes.toString() });
      });
    });
    asking.on('error', failed);
    asking.end(body);
  });
}
