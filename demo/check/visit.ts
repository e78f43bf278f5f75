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
      how: flow.status === 200 ? flow.how : `${flow.how}, refused as it should be`,
      request: `GET ${flow.path.split('?', 1)[0]}`,
      status: flow.status,
      attempt: () => browser.call(router + flow.path),
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

/** Logs out as the page does. @returns the page at the end of the way out */
async function logOut(browser: Browser, router: string): Promise<Answer> {
  const csrf = await browser.call(`${router}/logout`, { headers: { 'x-csrf-token': 'fetch' } });
  const headers = { 'x-csrf-token': csrf.header('x-csrf-token') ?? '' };
  const ended = await browser.call(`${router}/logout`, { method: 'POST', headers });
  return ended.status === 200 ? browser.open(new URL(ended.text, router)) : ended;
}
