import type { House } from '../src/house.ts';
import { asksForCsrfToken } from './csrf.ts';
import type { Handler } from './door.ts';

/**
 * `GET /` leads to the welcome file by a redirect; a CSRF token asked for there comes with the file itself, so that
 * scripts can fetch it at the root (xs-app.md section 2, `welcomeFile`).
 */
export function welcome(house: House, next: Handler): Handler {
  const { welcomeFile } = house.config.xsApp;
  if (!welcomeFile) return next;
  const place = welcomeFile.startsWith('/') ? welcomeFile : `/${welcomeFile}`;
  const url = place.split('#', 1)[0] ?? place; // a fragment is the browser's (RFC 9110 4.2.5)
  return (request, response) => {
    const { arrival, method } = request;
    if (request.tunnel !== undefined || arrival.path !== '/' || (method !== 'GET' && method !== 'HEAD'))
      return next(request, response);
    if (!asksForCsrfToken(request)) return void response.writeHead(302, { location: place }).end();
    request.arrival = { ...arrival, url, path: url.split('?', 1)[0] ?? url };
    return next(request, response);
  };
}
