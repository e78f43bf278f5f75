import { Agent, request } from 'undici';
import { makeCookieJar } from '../../../demo/check/cookie-jar.ts';
import { atEnd } from '../../support/at-end.ts';
import { runScripts } from './run-scripts.ts';

/** An answer as a browser sees it. */
export interface Answer {
  /** Where it came from, the fragment included. */
  readonly url: URL;
  readonly status: number;
  header(name: string): string | undefined;
  /** `Set-Cookie` lines. */
  readonly setCookies: readonly string[];
  readonly text: string;
  /** The body as JSON; an empty object when it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As much of a browser as the stories need. Every answer's cookies are kept; the jar ignores `Secure`, as on loopback. */
export interface Browser {
  /** One request of a navigation: nothing is followed, no script runs. */
  visit(url: string | URL, asked?: Asked): Promise<Answer>;
  /** A navigation to its end: redirects are followed, scripts that the page's policy allows are run. */
  open(url: string | URL, asked?: Asked): Promise<Answer>;
  /** A navigation that stops before it would ask for an address of which `stops` holds. @returns that address */
  openUntil(url: string | URL, stops: (next: URL) => boolean): Promise<URL>;
  /** A request of a script on a page: nothing is followed. */
  fetch(url: string | URL, asked?: Asked): Promise<Answer>;
  /** Presses a button of a form on a page. */
  press(page: Answer, name: string, value: string): Promise<Answer>;
  /** What would be sent to an address as `Cookie`. */
  cookies(url: string | URL): string;
  /** Value of a cookie that would be sent to an address. */
  cookie(url: string | URL, name: string): string | undefined;
  /** Puts a cookie into the jar, as `Set-Cookie` would. */
  plant(url: string | URL, setCookie: string): void;
}

/** Public origins that lead to another address, as a load balancer does, with headers that it adds. */
export type Fronts = Readonly<Record<string, { origin: string; headers: Readonly<Record<string, string>> }>>;

const navigation = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};
const script = { accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Harbour/1.0';
const mostHops = 20;

/** A new browser: nobody is logged in. */
export function openBrowser(fronts: Fronts = {}): Browser {
  const agent = new Agent();
  atEnd(() => agent.destroy());
  const jar = makeCookieJar();

  const send = async (url: URL, { method = 'GET', headers = {}, body }: Asked): Promise<Answer> => {
    const front = fronts[url.origin];
    const cookie = jar.headerFor(url);
    const answer = await request((front?.origin ?? url.origin) + url.pathname + url.search, {
      method,
      headers: {
        'user-agent': userAgent,
        ...headers,
        ...(front ? { host: url.host, ...front.headers } : {}),
        ...(cookie === '' ? {} : { cookie }),
      },
      body: body ?? null,
      dispatcher: agent,
    });
    const setCookies = [answer.headers['set-cookie'] ?? []].flat();
    jar.keep(url, setCookies);
    const header = (name: string) => [answer.headers[name] ?? []].flat().join(', ') || undefined;
    const text = await answer.body.text();
    return { url, status: answer.statusCode, header, setCookies, text, json: parse(text) };
  };

  /** Where an answer leads by itself: a redirect (the fragment is handed down, RFC 9110 10.2.2), or a script's doing. */
  const nextOf = ({ status, header, text, url }: Answer): URL | undefined => {
    const location = header('location');
    if (status >= 300 && status < 400 && location !== undefined) {
      const next = new URL(location, url);
      if (next.hash === '') next.hash = url.hash;
      return next;
    }
    const { cookies, location: moved } = runScripts(text, header('content-security-policy'), url);
    jar.keep(url, cookies);
    return moved;
  };

  const follow = async (start: URL, asked: Asked, stops: (next: URL) => boolean): Promise<Answer | URL> => {
    let answer = await send(start, { ...asked, headers: { ...navigation, ...asked.headers } });
    for (let hops = 0; hops < mostHops; hops++) {
      const next = nextOf(answer);
      if (next === undefined) return answer;
      if (stops(next)) return next;
      answer = await send(next, { headers: navigation });
    }
    throw new Error(`${start.href} leads on and on`);
  };
  const open = (url: URL, asked: Asked = {}) => follow(url, asked, () => false) as Promise<Answer>;

  return {
    visit: (url, asked = {}) => send(new URL(url), { ...asked, headers: { ...navigation, ...asked.headers } }),
    open: (url, asked) => open(new URL(url), asked),
    async openUntil(url, stops) {
      const end = await follow(new URL(url), {}, stops);
      if (end instanceof URL) return end;
      throw new Error(`it ended at ${end.url.href} with ${end.status}`);
    },
    fetch: (url, asked = {}) => send(new URL(url), { ...asked, headers: { ...script, ...asked.headers } }),
    press(page, name, value) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: page.url.origin };
      const body = new URLSearchParams({ [name]: value }).toString();
      return open(new URL(actionOf(page, name), page.url), { method: 'POST', headers, body });
    },
    cookies: (url) => jar.headerFor(new URL(url)),
    cookie: (url, name) =>
      jar
        .headerFor(new URL(url))
        .split('; ')
        .find((pair) => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1),
    plant: (url, setCookie) => jar.keep(new URL(url), [setCookie]),
  };
}

function actionOf({ text, url, status }: Answer, button: string): string {
  const forms = text.match(/<form\b[^>]*>[\s\S]*?<\/form>/g) ?? [];
  const form = forms.find((html) => html.includes(`<button name="${button}"`) || html.includes(`name="${button}" `));
  const action = form && /\saction="([^"]*)"/.exec(form)?.[1];
  if (!action) throw new Error(`${url.href} (${status}) has no form with a button "${button}"`);
  return action.replaceAll('&amp;', '&');
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
