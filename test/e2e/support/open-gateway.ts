import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../../support/at-end.ts';

/** A request as the gateway got it. */
export interface GatewayCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
}

/**
 * As strict about CSRF as an ABAP system (SAP Gateway's "Cross-Site Request Forgery Protection"): a token belongs to a
 * session, the session is named by a cookie and belongs to one user; a modifying request with any other pair is refused
 * with 403 and `x-csrf-token: Required`, and changes nothing.
 */
export interface Gateway {
  readonly origin: string;
  readonly calls: readonly GatewayCall[];
  /** Questions for a token. */
  fetches(): readonly GatewayCall[];
  /** Modifying requests. */
  changes(): readonly GatewayCall[];
  /** Sessions end, as after a time without use. */
  endSessions(): void;
  /** Answers to a question for a token, in place of the usual one; undefined: the usual one. */
  onFetch: ((call: Omit<GatewayCall, 'status'>) => Partial<FetchAnswer> | undefined) | undefined;
  /** Milliseconds that a question for a token takes. */
  delay: number;
  forget(): void;
}

export interface FetchAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Neither token nor session are given. */
  readonly withoutToken: boolean;
  /** Attributes of the session's cookie. */
  readonly attributes: string;
  readonly body: string;
}

export const sessionCookie = 'SAP_SESSIONID_PRT_100';

interface Session {
  readonly user: string;
  readonly token: string;
}

export async function openGateway(): Promise<Gateway> {
  const calls: GatewayCall[] = [];
  const sessions = new Map<string, Session>();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (body === undefined) return;
    const { method = '', url = '', headers } = request;
    const call = { method, url, headers, body };
    const answer = (status: number, more: object = {}, text = '') => {
      calls.push({ ...call, status });
      response.writeHead(status, { 'content-type': 'text/plain', ...more }).end(method === 'HEAD' ? undefined : text);
    };
    const user = headers.authorization ?? '';
    const id = cookieOf(headers, sessionCookie);
    const known = id === undefined ? undefined : sessions.get(id);
    const session = known?.user === user ? known : undefined;
    const asked = headers['x-csrf-token'];
    if (method === 'GET' || method === 'HEAD') {
      if (asked?.toString().toLowerCase() !== 'fetch') return answer(200, {}, `read by ${user}`);
      if (self.delay > 0) await new Promise((later) => setTimeout(later, self.delay));
      const special = self.onFetch?.(call) ?? {};
      const { status = 200, withoutToken = false, attributes = 'Path=/; HttpOnly', body: text = 'root' } = special;
      if (withoutToken) return answer(status, special.headers, text);
      const made = session ?? { user, token: `${randomUUID()}==` };
      const cookies = session === undefined ? [begin(made, attributes)] : [];
      return answer(status, { 'x-csrf-token': made.token, 'set-cookie': cookies, ...special.headers }, text);
    }
    if (session === undefined || asked !== session.token)
      return answer(403, { 'x-csrf-token': 'Required' }, 'CSRF token validation failed');
    answer(201, {}, `${method} by ${user}: ${body}`);
  });

  function begin(session: Session, attributes: string): string {
    const id = randomUUID();
    sessions.set(id, session);
    return `${sessionCookie}=${id}; ${attributes}`;
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const self: Gateway = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    fetches: () => calls.filter(({ headers }) => headers['x-csrf-token'] === 'Fetch'),
    changes: () => calls.filter(({ method }) => method !== 'GET' && method !== 'HEAD'),
    endSessions: () => sessions.clear(),
    onFetch: undefined,
    delay: 0,
    forget() {
      calls.splice(0);
      sessions.clear();
      self.onFetch = undefined;
      self.delay = 0;
    },
  };
  return self;
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } catch {
    return undefined; // the caller left in the middle of its body
  }
}

export function cookieOf({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined {
  return new Map(cookie.split('; ').map((pair) => pair.split('=', 2) as [string, string])).get(name);
}
