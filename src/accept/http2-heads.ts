import type { IncomingMessage } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http2';

/** Headers of one connection, most of which HTTP/2 forbids (RFC 9113 8.2.2); a body is framed anew on each side. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer', // what comes behind a body stays here, and HTTP/1.1 has no trailers but behind chunks
  'transfer-encoding',
  'upgrade',
]);

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value… */
  readonly headers: string[];
}

/**
 * The head of a stream as one of HTTP/1.1.
 * @param raw name, value, name, value…, pseudo headers first
 * @returns undefined when no request can be made of it: no method as HTTP writes them (T-08), or one that asks for a
 * tunnel, which there is none of in a stream of ours (RFC 8441 was not offered)
 */
export function requestHead(raw: readonly string[]): RequestHead | undefined {
  const pseudo = new Map<string, string>();
  const headers: string[] = [];
  const cookies: string[] = [];
  let host: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    if (name.startsWith(':')) pseudo.set(name, value);
    else if (name === 'host') host = value;
    // One crumb a field, to be joined again (RFC 9113 8.2.3).
    else if (name === 'cookie') cookies.push(value);
    else if (!ofConnection.has(name)) headers.push(name, value);
  }
  if (cookies.length > 0) headers.push('cookie', cookies.join('; '));
  // RFC 9113 8.3.1: the authority is the host, whatever a field of that name says.
  const authority = pseudo.get(':authority') ?? host;
  if (authority !== undefined) headers.unshift('host', authority);
  const [method, path] = [pseudo.get(':method'), pseudo.get(':path')];
  // node would write a small `get` large, and so another method than was asked for.
  if (method === undefined || path === undefined || method !== method.toUpperCase() || method === 'CONNECT')
    return undefined;
  return { method, path, headers };
}

export type AnswerHead = OutgoingHttpHeaders & { readonly ':status': number };

/**
 * The head of an answer of HTTP/1.1 as one that node takes for HTTP/2, whatever a backend has put into it: what it throws
 * at would leave the client without any answer, or end the process (T-25). A header in several lines is one line (RFC 9110
 * 5.3), the same value once; only `Set-Cookie` cannot be joined. A status that HTTP/2 has no room for is 502.
 */
export function answerHead({ statusCode: status = 502, rawHeaders }: IncomingMessage): AnswerHead {
  const isEmpty = status === 204 || status === 205;
  const lines = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (ofConnection.has(name) || (isEmpty && name === 'content-length')) continue;
    const values = lines.get(name);
    if (values === undefined) lines.set(name, [rawHeaders[i + 1] ?? '']);
    else values.push(rawHeaders[i + 1] ?? '');
  }
  const head: AnswerHead = Object.assign(Object.create(null), { ':status': status > 599 ? 502 : status });
  for (const [name, values] of lines) head[name] = name === 'set-cookie' ? values : [...new Set(values)].join(', ');
  return head;
}
