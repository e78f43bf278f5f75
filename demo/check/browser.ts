import { Agent, request } from 'undici';
import { makeCookieJar } from './cookie-jar.ts';

/** What a request brought. */
export interface Answer {
  /** Where it came from, after all redirects. */
  readonly url: URL;
  readonly status: number;
  /** Value of a header, by lower-case name. */
  header(name: string): string | undefined;
  readonly text: string;
}

/** As much of a browser as walking the flows takes: cookies, redirects, forms, and the headers that tell them apart. */
export interface Browser {
  /** Opens an address as a click does, and follows where it leads. */
  open(url: string | URL): Promise<Answer>;
  /** Sends the form of a page by one of its buttons. */
  submit(page: Answer, button: { readonly name: string; readonly value: string }): Promise<Answer>;
  /** A request of a script on a page of that origin: follows nothing. */
  call(url: string | URL, options?: Call): Promise<Answer>;
  close(): Promise<void>;
}

export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const mostRedirects = 10;
const patience = AbortSignal.timeout.bind(AbortSignal, 20_000);
const navigation = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};
const script = { accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

/** A new browser: nobody is logged in. Close it, or its connections keep the process. */
export function makeBrowser(): Browser {
  const agent = new Agent();
  const jar = makeCookieJar();

  const send = async (url: URL, { method, headers, body }: Request): Promise<Answer> => {
    const cookie = jar.headerFor(url);
    const answer = await request(url, {
      method,
      headers: { 'user-agent': 'Mozilla/5.0 (portunus demo check)', ...headers, ...(cookie === '' ? {} : { cookie }) },
      body: body ?? null,
      dispatcher: agent,
      signal: patience(),
    });
    jar.keep(url, [answer.headers['set-cookie'] ?? []].flat());
    const header = (name: string) => [answer.headers[name]].flat()[0];
    return { url, status: answer.statusCode, header, text: await answer.body.text() };
  };

  const visit = async (start: URL, first: Request): Promise<Answer> => {
    let answer = await send(start, first);
    for (let hops = 0; hops < mostRedirects; hops++) {
      const next = nextOf(answer);
      if (next === undefined) return answer;
      answer = await send(next, { method: 'GET', headers: navigation });
    }
    throw new Error(`${start.origin}${start.pathname} leads on and on: more than ${mostRedirects} redirects`);
  };

  return {
    open: (url) => visit(new URL(url), { method: 'GET', headers: navigation }),
    submit(page, { name, value }) {
      const action = actionOf(page.text, name);
      if (action === undefined) throw new Error(`${page.url.origin}${page.url.pathname} has no form with "${name}"`);
      const headers = { ...navigation, 'content-type': 'application/x-www-form-urlencoded', origin: page.url.origin };
      return visit(new URL(action, page.url), {
        method: 'POST',
        headers,
        body: new URLSearchParams({ [name]: value }).toString(),
      });
    },
    call: (url, { method = 'GET', headers = {}, body } = {}) =>
      send(new URL(url), { method, headers: { ...script, ...headers }, ...(body === undefined ? {} : { body }) }),
    close: () => agent.close(),
  };
}

/** Where a page leads by itself: a redirect, or the page that begins a login, whose script does what its link does. */
function nextOf({ status, header, text, url }: Answer): URL | undefined {
  const location = header('location');
  if (status >= 300 && status < 400 && location !== undefined) return new URL(location, url);
  const link = /<noscript><a href="([^"]+)">Log in<\/a><\/noscript>/.exec(text)?.[1];
  return link === undefined ? undefined : new URL(unescapeHtml(link), url);
}

/** Action of the first form that has a button of that name. */
function actionOf(html: string, button: string): string | undefined {
  const forms = html.match(/<form\b[^>]*>[\s\S]*?<\/form>/g) ?? [];
  const form = forms.find((text) => text.includes(`<button name="${button}"`));
  const action = form && /\saction="([^"]*)"/.exec(form)?.[1];
  return action && unescapeHtml(action);
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
