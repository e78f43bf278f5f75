import type { LogoutRequest } from '../accept/logout-request.ts';
import type { Destination } from '../destinations/destination.ts';
import { joinPath } from '../routing/rewrite-path.ts';
import { cookiesFor, type SessionData } from '../session/session-data.ts';
import type { Credential } from '../tokens/credential.ts';
import { noCredential } from '../tokens/credential.ts';
import { cookieHeader } from './backend-cookies.ts';
import { outgoingHeaders } from './outgoing-headers.ts';
import type { Pools } from './pools.ts';

/** Tells the backends that a session has ended (xs-app.md 6.7); never fails. `by` is the logout request, if there was one. */
export type LogOutBackends = (session: SessionData, by: LogoutRequest | undefined) => Promise<void>;

/** A destination's logout call as configured (`destinations` of xs-app.json). */
export interface LogoutCall {
  readonly name: string;
  readonly path: string;
  readonly method: 'POST' | 'PUT' | 'GET';
}

type User = NonNullable<SessionData['login']>['user'];

export interface LogOutBackendsOptions {
  readonly calls: readonly LogoutCall[];
  readonly pools: Pools;
  readonly tenantId: string | undefined;
  /** The destination of a name for this user; undefined: nobody is logged in. */
  readonly find: (name: string, user: User | undefined) => Destination | undefined | Promise<Destination | undefined>;
  readonly obtain: (destination: Destination, user: User) => Credential | Promise<Credential>;
  readonly warn: (message: string) => void;
}

/** One request a backend, all at once, each within its destination's time; our own session cookie is never sent (13.1 #13). */
export function createLogOutBackends({
  calls,
  pools,
  tenantId,
  find,
  obtain,
  warn,
}: LogOutBackendsOptions): LogOutBackends {
  const call = async ({ name, path, method }: LogoutCall, session: SessionData, by: LogoutRequest | undefined) => {
    const user = session.login?.user;
    const destination = await find(name, user);
    if (destination === undefined) return warn(`logout call: there is no destination "${name}"`);
    const credential = user === undefined ? noCredential : await obtain(destination, user);
    const target = by === undefined ? { ...destination, setXForwardedHeaders: false } : destination;
    const upstreamPath = joinPath(destination.url, path.startsWith('/') ? path : `/${path}`);
    const kept = cookiesFor(session, destination.jar);
    const { arrival, rawHeaders, cookie } = by ?? byNobody;
    const { statusCode, body } = await pools.of(destination).request({
      origin: destination.url.origin,
      path: upstreamPath,
      method,
      headers: outgoingHeaders({
        rawHeaders: [...ofTheUser(rawHeaders), ...(method === 'GET' ? [] : ['content-length', '0'])],
        arrival,
        target,
        credential,
        hideAuthorization: true,
        cookie: cookieHeader(cookie, kept, upstreamPath, destination.url.protocol === 'https:'),
        hideCsrfToken: true,
        tenantId,
        statistics: false,
      }),
      headersTimeout: destination.timeout,
      bodyTimeout: destination.timeout,
    });
    await body.dump();
    if (statusCode >= 400) warn(`logout call to destination "${destination.name}" was answered ${statusCode}`);
  };
  return async (session, by) => {
    await Promise.all(
      calls.map((each) =>
        call(each, session, by).catch((cause: { code?: string }) =>
          warn(`logout call to destination "${each.name}" failed (${cause.code ?? 'unknown'})`),
        ),
      ),
    );
  };
}

/**
 * Headers of the logout request that go along, as with any request (xs-app.md 6.7): not what tells of its own body, nor
 * conditions on what it asks for.
 */
function ofTheUser(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => !/^(?:content-.*|if-.*|range)$/i.test(rawHeaders[i - (i % 2)] ?? ''));
}

/** Where a session ends by time-out there is no request to speak of. */
const byNobody = Object.freeze<LogoutRequest>({
  arrival: {
    id: '',
    startedAt: 0,
    method: 'POST',
    url: '/',
    path: '/',
    host: '',
    scheme: 'https',
    peer: '',
    trusted: false,
  },
  rawHeaders: [],
  cookie: undefined,
});
