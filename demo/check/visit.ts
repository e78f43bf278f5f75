import type { LandscapeUser } from '../landscape/users.ts';
import { bodyOf } from './body-of.ts';
import type { Answer, Browser } from './browser.ts';
import type { Flow } from './flows.ts';
import type { Step } from './step.ts';

/** What one person does in one browser: come, log in, try the flows, log out, and find the door closed. */
export function visit(browser: Browser, router: string, user: LandscapeUser, flows: readonly Flow[]): readonly Step[] {
  return [
    anonymous(browser, router),
    {
      name: 'login',
      how: `OpenID Connect, code and PKCE, as ${user.displayName}`,
      request: 'GET /app/?deep=link',
      status: 200,
      attempt: async () => {
        const page = await browser.open(`${router}/app/?deep=link`);
        return browser.submit(page, { name: 'user', value: user.email });
      },
      fault: ({ url }) => (url.href === `${router}/app/?deep=link` ? undefined : `it ended at ${url.pathname}`),
    },
    ...flows.map((flow) => ({
      name: flow.name,
      how: flow.status < 300 ? flow.how : `${flow.how}, refused as it should be`,
      request: `${flow.posted === undefined ? 'GET' : 'POST'} ${flow.path.split('?', 1)[0]}`,
      status: flow.status,
      attempt: () => ask(browser, router, flow),
      fault: flow.fault,
    })),
    {
      name: 'logout',
      how: 'at the router and at the provider, and back to /goodbye.html',
      request: 'POST /logout',
      status: 200,
      attempt: () => logOut(browser, router),
      fault: ({ url }) =>
        url.href === `${router}/goodbye.html` ? undefined : `it ended at ${url.origin}${url.pathname}`,
    },
    anonymous(browser, router),
  ];
}

function anonymous(browser: Browser, router: string): Step {
  return {
    name: 'anonymous',
    how: 'told where to log in',
    request: 'GET /user-api/currentUser',
    status: 401,
    attempt: () => browser.call(`${router}/user-api/currentUser`),
    fault: (answer) => (bodyOf(answer)['loginUrl'] ? undefined : 'no loginUrl in the answer'),
  };
}

/** What changes something shows the router's own CSRF token; of the backend's it knows nothing. */
async function ask(browser: Browser, router: string, { path, posted }: Flow): Promise<Answer> {
  if (posted === undefined) return browser.call(router + path);
  const headers = { ...(await csrfToken(browser, router)), 'content-type': 'application/json' };
  return browser.call(router + path, { method: 'POST', headers, body: JSON.stringify(posted) });
}

async function csrfToken(browser: Browser, router: string): Promise<Readonly<Record<string, string>>> {
  const csrf = await browser.call(`${router}/logout`, { headers: { 'x-csrf-token': 'fetch' } });
  return { 'x-csrf-token': csrf.header('x-csrf-token') ?? '' };
}

/** Logs out as the page does. @returns the page at the end of the way out */
async function logOut(browser: Browser, router: string): Promise<Answer> {
  const headers = await csrfToken(browser, router);
  const ended = await browser.call(`${router}/logout`, { method: 'POST', headers });
  return ended.status === 200 ? browser.open(new URL(ended.text, router)) : ended;
}
