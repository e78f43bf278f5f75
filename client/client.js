/** The other half of the router's doors under `/-/` (docs/single-page-apps.md). Types and contract: client.d.ts. */
const csrf = 'x-csrf-token';
const { origin } = location;
const nameOf = ({ provider, user }) => provider + user.id;
const encode = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+/=]/g, (c) => ({ '+': '-', '/': '_' })[c] || '');

export class LoginError extends Error {
  constructor(reason, loginUrl) {
    super(`login ${reason}`);
    Object.assign(this, { reason, loginUrl });
  }
}

export function createClient({ onBlocked, onExpiring, warnBefore = 60, features = 'popup,width=520,height=680' } = {}) {
  let token, running, who, timer;

  const session = async () => {
    const answer = await fetch('/-/session', { cache: 'no-store', headers: { [csrf]: 'fetch' } });
    token = answer.headers.get(csrf);
    const facts = await answer.json();
    if (facts.authenticated) who ??= nameOf(facts);
    clearTimeout(timer);
    const left = facts.expiresIn - warnBefore;
    /** Asked again then: other requests may have prolonged the session. */
    if (left > 0) timer = onExpiring && setTimeout(() => session().catch(() => {}), left * 1e3);
    else if (who) onExpiring?.(facts);
    return facts;
  };
  const first = session().catch(() => {});

  /** One window for all requests that wait. */
  const logIn = (loginUrl = '/-/login') => (running ??= inWindow(loginUrl).finally(() => (running = null)));

  const inWindow = async (loginUrl) => {
    await first;
    const fail = (reason) => new LoginError(reason, loginUrl);
    const verifier = encode(crypto.getRandomValues(new Uint8Array(32)));
    const hash = await crypto.subtle?.digest('SHA-256', new TextEncoder().encode(verifier));
    const challenge = hash ? encode(hash) : verifier;
    const query = new URL(loginUrl, origin).searchParams;
    query.set('return_to', `/-/logged-in?challenge=${challenge}`);
    const open = () => window.open(`/-/login?${query}`, '', features);
    const opened = open() || (onBlocked && (await new Promise((go) => onBlocked(() => go(open()), loginUrl))));
    if (!opened) throw fail('blocked');
    const code = await new Promise((done, failed) => {
      const channel = new BroadcastChannel('portunus');
      const end = () => {
        clearInterval(watch);
        channel.close();
        removeEventListener('message', hear);
      };
      const hear = (event) => {
        if (event.origin !== origin || event.data?.portunus !== challenge) return;
        end();
        done(event.data.code);
      };
      /** A provider may cut its window off from us (COOP): it looks closed then, but the focus has not come back. */
      const watch = setInterval(() => {
        if (!opened.closed || !document.hasFocus()) return;
        end();
        failed(fail('closed'));
      }, 1e3);
      addEventListener('message', hear);
      channel.onmessage = hear;
    });
    if (code) await fetch('/-/session/adopt', { method: 'POST', body: new URLSearchParams({ code, verifier }) });
    const facts = await session();
    if (!facts.authenticated) throw fail('refused');
    if (nameOf(facts) !== who) throw fail('other-user');
  };

  const send = async (...wish) => {
    const request = new Request(...wish);
    if (new URL(request.url).origin !== origin) return fetch(request);
    const changes = !/^(GET|HEAD)$/.test(request.method);
    for (let tries = 0; ; tries++) {
      const attempt = request.clone();
      if (changes && !token) await session();
      if (changes && token) attempt.headers.set(csrf, token);
      const answer = await fetch(attempt);
      if (tries > 1) return answer;
      if (changes && answer.status === 403 && answer.headers.has(csrf)) token = null;
      else {
        const problem =
          answer.status === 401 &&
          (await answer
            .clone()
            .json()
            .catch(() => {}));
        if (!problem?.loginUrl) return answer;
        await logIn(problem.loginUrl);
      }
    }
  };

  return { fetch: send, session, logIn, refresh: () => send('/-/session', { method: 'POST' }).then(session) };
}
