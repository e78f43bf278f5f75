import type { Landscape } from '../../../../demo/landscape/landscape.ts';
import type { LandscapeUser } from '../../../../demo/landscape/users.ts';
import { ask } from '../../support/ask.ts';
import { type Browser, openBrowser } from '../../support/browser.ts';
import { harbourAt } from '../../support/harbour.ts';
import { logIn } from '../../support/log-in.ts';
import type { Backend } from '../../support/open-backend.ts';
import { loginAt, type RouterSetup, register } from '../../support/open-router.ts';
import type { WebSocketBackend } from '../../support/open-web-socket-backend.ts';
import type { Redis } from './open-redis.ts';

/** One public address, several instances behind it, no sticky routing. */
export const publicOrigin = 'https://harbour.example';
const forwarded = { host: 'harbour.example', 'x-forwarded-proto': 'https' };

export interface Surroundings {
  readonly landscape: Landscape;
  /** A second provider, of the routes below /pier/. */
  readonly partners?: Landscape;
  readonly redis: Redis;
  readonly quay: Backend;
  readonly chat: WebSocketBackend;
}

/** What every instance is started with. */
export function instanceSetup(surroundings: Surroundings, env: object = {}): RouterSetup {
  const { landscape, partners, redis, quay, chat } = surroundings;
  register(landscape, publicOrigin);
  if (partners) register(partners, publicOrigin);
  return harbourAt(quay, {
    landscape,
    ...(partners ? { files: { 'identity-providers.json': [{ name: 'partners', ...loginAt(partners) }] } } : {}),
    xsApp: {
      websockets: { enabled: true },
      logout: { logoutEndpoint: '/logout', logoutPage: '/goodbye', backChannelLogoutEndpoint: '/back-channel' },
      destinations: { quay: { logoutPath: '/bye' } },
      routes: [
        { source: '^/chat', destination: 'chat', csrfProtection: false },
        { source: '^/quay/', destination: 'quay', csrfProtection: false },
        ...(partners ? [{ source: '^/pier/', destination: 'quay', identityProvider: 'partners' }] : []),
        { source: '^/me/', target: '/', service: 'sap-approuter-userapi' },
      ],
    },
    env: {
      VCAP_APPLICATION: {},
      REDIS_URL: redis.url,
      SESSION_SECRET: 'one secret for every instance, long enough to be one',
      destinations: [
        { name: 'quay', url: quay.origin, forwardAuthToken: true },
        { name: 'chat', url: chat.origin },
      ],
      ...env,
    },
  });
}

/** A browser whose requests go to whichever instance the balancer is told to use. */
export function balancedBrowser(first: string) {
  const front = { origin: first, headers: { 'x-forwarded-proto': 'https' } };
  const sendTo = (origin: string) => {
    front.origin = origin;
  };
  return { browser: openBrowser({ [publicOrigin]: front }), sendTo };
}

/** A browser each of whose requests goes to the next instance. */
export function alternatingBrowser(origins: readonly string[]): Browser {
  let count = 0;
  const front = {
    headers: { 'x-forwarded-proto': 'https' },
    get origin() {
      count += 1;
      return origins[count % origins.length] ?? '';
    },
  };
  return openBrowser({ [publicOrigin]: front });
}

/** Logs a user in by an instance. @returns the browser, and the headers of a script's request with its cookie */
export async function logInAt(origin: string, user: LandscapeUser, path = '/quay/') {
  const { browser, sendTo } = balancedBrowser(origin);
  await logIn(browser, publicOrigin + path, user);
  return { browser, sendTo, headers: scriptHeaders(browser) };
}

/** Headers of a script's request with a browser's cookies, as the balancer hands it on. */
export function scriptHeaders(browser: Browser): Record<string, string> {
  return { ...forwarded, cookie: browser.cookies(publicOrigin), accept: 'application/json', 'sec-fetch-mode': 'cors' };
}

/** Asks an instance as the balancer would. */
export function askInstance(origin: string, path: string, headers: Readonly<Record<string, string>>) {
  return ask(origin, path, { headers });
}
