import { type Dispatcher, request } from 'undici';
import { makeCookieJar } from '../../demo/check/cookie-jar.ts';

const mostRedirects = 8;

/**
 * Logs a new user in by the redirects of the login; does not ask for what the login was for.
 * @returns value of the Cookie header that has the session
 * @throws Error when it does not lead back to where it began
 */
export async function logIn(url: string, dispatcher: Dispatcher): Promise<string> {
  const jar = makeCookieJar();
  let at = new URL(url);
  for (let hops = 0; hops < mostRedirects; hops++) {
    const cookie = jar.headerFor(at);
    const answer = await request(at, { dispatcher, headers: cookie === '' ? {} : { cookie } });
    await answer.body.dump();
    jar.keep(at, [answer.headers['set-cookie'] ?? []].flat());
    const { location } = answer.headers;
    if (typeof location !== 'string') throw new Error(`${at.origin}${at.pathname} answered ${answer.statusCode}`);
    at = new URL(location, at);
    if (at.href === url) return jar.headerFor(at);
  }
  throw new Error(`the login at ${url} leads on and on`);
}
