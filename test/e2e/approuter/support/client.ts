import { ask, type Question, type Reply } from '../../support/ask.ts';

/** A browser's way with cookies and logins, and nothing else of it: no header that a test did not ask for. */
export interface Client {
  /** One request with the cookies so far. */
  ask(target: string, question?: Question): Promise<Reply>;
  /** Goes through the whole login, begun at a path. @returns where it landed */
  logIn(path: string): Promise<string>;
  /** The CSRF token that a path gives out. @throws when it gives none */
  csrf(path: string): Promise<string>;
  readonly cookies: Map<string, string>;
}

export function openClient(origin: string): Client {
  const cookies = new Map<string, string>();
  const client: Client = {
    cookies,
    async ask(target, question = {}) {
      const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(jar === '' ? {} : { cookie: jar }), ...question.headers };
      const reply = await ask(origin, target, { ...question, headers: { host: new URL(origin).host, ...headers } });
      keep(cookies, reply);
      return reply;
    },
    async logIn(path) {
      const begun = await client.ask(path, { headers: { accept: 'text/html' } });
      const provider = await fetch(begun.headers.location ?? '', { redirect: 'manual' });
      const back = new URL(provider.headers.get('location') ?? '');
      const finished = await client.ask(back.pathname + back.search);
      const { location } = finished.headers;
      if (location === undefined) throw new Error(`the callback answered ${finished.status}`);
      return location;
    },
    async csrf(path) {
      const token = (await client.ask(path, { headers: { 'x-csrf-token': 'fetch' } })).headers['x-csrf-token'];
      if (typeof token !== 'string') throw new Error(`${path} gives out no token`);
      return token;
    },
  };
  return client;
}

function keep(jar: Map<string, string>, { headers }: Reply): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [pair = '', ...attributes] = line.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const gone = attributes.some((attribute) => /max-age=0\b|expires=thu, 01 jan 1970/i.test(attribute));
    if (gone) jar.delete(name);
    else jar.set(name, pair.slice(name.length + 1));
  }
}

/** Cookies that an answer sets, whole, by name. */
export function setCookies({ headers }: Reply): ReadonlyMap<string, string> {
  return new Map((headers['set-cookie'] ?? []).map((line) => [line.split('=', 1)[0] ?? '', line]));
}
