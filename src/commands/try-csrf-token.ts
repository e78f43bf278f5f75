import type { Destination } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { fetchHeaders } from '../forwarding/csrf/fetch-headers.ts';
import { fetchPlaceOf } from '../forwarding/csrf/fetch-place.ts';
import { readFetchAnswer } from '../forwarding/csrf/read-fetch-answer.ts';
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
  const headers = fetchHeaders(Object.entries({ ...destination.headers, ...credential }).flat());
  const limits = { headersTimeout: destination.timeout, bodyTimeout: destination.timeout };
  const asked: string[] = [];
  for (const method of ['HEAD', 'GET'] as const) {
    const question = { origin, path: place.path, method, headers, ...limits, responseHeaders: 'raw' as const };
    const {
      statusCode,
      headers: raw,
      body,
    } = await connections.pools
      .of(destination)
      .request(question)
      .catch((cause) => {
        throw forwardError(cause, destination);
      });
    await body.dump();
    asked.push(`${method} ${statusCode}`);
    const rules = { isOwnCookie: () => false, path: place.path, fillsJar: true };
    const { token, keep, own } = readFetchAnswer(raw as unknown as string[], rules);
    if (token === undefined) continue;
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
