import type { Destination } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { cookieHeader } from '../forwarding/backend-cookies.ts';
import { askForToken, type TokenAnswer } from '../forwarding/csrf/ask-for-token.ts';
import { fetchHeaders } from '../forwarding/csrf/fetch-headers.ts';
import { fetchPlaceOf } from '../forwarding/csrf/fetch-place.ts';
import type { FetchAnswer } from '../forwarding/csrf/read-fetch-answer.ts';
import { forwardError } from '../forwarding/forward-error.ts';
import { addressOf } from '../forwarding/upstream-address.ts';
import type { OpenDestinations } from './open-destinations.ts';
import type { Done } from './try-destination.ts';

/**
 * Asks the target for a CSRF token as the router would for a request at `path`; the token is dropped.
 * @param credential header by name; empty: none is needed
 * @throws AppError ERR_UPSTREAM_UNREACHABLE, ERR_UPSTREAM_TIMEOUT; also where it gives none
 */
export async function tryCsrfToken(
  { connections }: Pick<OpenDestinations, 'connections'>,
  destination: Destination,
  path: string,
  credential: Readonly<Record<string, string>>,
): Promise<Done<true>> {
  const { origin, base, queries } = addressOf(destination);
  const requested = `${base}/${path.replace(/^\/+/, '')}`;
  const place = fetchPlaceOf({ configured: destination.csrf?.path, requested, queries });
  const plain = fetchHeaders(Object.entries({ ...destination.headers, ...credential }).flat());
  const ask = async (method: 'HEAD' | 'GET', { keep, own }: FetchAnswer): Promise<TokenAnswer> => {
    const cookie = cookieHeader(
      undefined,
      [...keep, ...own],
      pathOf(place.path),
      destination.url.protocol === 'https:',
    );
    const { statusCode, headers, body } = await connections.pools
      .of(destination)
      .request({
        origin,
        path: place.path,
        method,
        headers: cookie === undefined ? plain : [...plain, 'cookie', cookie],
        headersTimeout: destination.timeout,
        bodyTimeout: destination.timeout,
        responseHeaders: 'raw',
      })
      .catch((cause) => {
        throw forwardError(cause, destination);
      });
    await body.dump();
    return { status: statusCode, raw: headers as unknown as string[] };
  };
  const rules = { isOwnCookie: () => false, path: place.path, fillsJar: true };
  const { token, keep, own, asked } = await askForToken(ask, rules, ({ status }) => status === 401);
  if (token !== undefined) {
    const cookies = [...keep, ...own].map(({ name }) => name).join(', ') || 'no cookie';
    return { value: true, told: `${asked.join(', ')} from ${origin}${pathOf(place.path)}, with ${cookies}` };
  }
  throw new AppError({
    code: 'ERR_UPSTREAM_UNREACHABLE',
    status: 502,
    detail: `${origin}${pathOf(place.path)} gives no CSRF token (${asked.join(', ')}).`,
    hint: 'Name a path that gives one in csrfToken.fetchPath, or try that of a request with --path.',
  });
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '/';
}
