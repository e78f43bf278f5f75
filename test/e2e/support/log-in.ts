import type { LandscapeUser } from '../../../demo/landscape/users.ts';
import { type Answer, type Browser, openBrowser } from './browser.ts';

/** Opens an address, signs in where that is asked for, and comes back. @returns the page it all ended at */
export async function logIn(browser: Browser, url: string | URL, user: LandscapeUser): Promise<Answer> {
  const page = await browser.open(url);
  return isSignIn(page) ? browser.press(page, 'user', user.email) : page;
}

export function isSignIn({ text, status }: Answer): boolean {
  return status === 200 && text.includes('<button name="user"');
}

/** Whether an address is the router's callback: where a login is finished. */
export function isCallback(url: URL): boolean {
  return url.pathname === '/login/callback';
}

/** A browser that gets codes of the provider without being asked who it is, and has no session at the router. */
export async function signedInAtProvider(router: string, user: LandscapeUser): Promise<Browser> {
  const browser = openBrowser();
  await logIn(browser, `${router}/quay/`, user);
  forgetSession(browser, router);
  return browser;
}

export function forgetSession(browser: Browser, router: string): void {
  browser.plant(`${router}/`, 'JSESSIONID=; Path=/; Max-Age=0');
}

/** The session cookie's value, if there is one. */
export function sessionCookie(browser: Browser, router: string): string | undefined {
  return browser.cookie(`${router}/`, 'JSESSIONID');
}
