import type { Express } from 'express';
import supertest from 'supertest';

/** A browser: keeps cookies, follows nothing by itself. */
export type Visitor = ReturnType<typeof supertest.agent>;

export function visitor(app: Express): Visitor {
  return supertest.agent(app);
}

/** The state of the login that an answer begins. @throws when it begins none */
export function stateOf(answer: { readonly headers: Record<string, string> }): string {
  const state = new URL(answer.headers['location'] ?? '').searchParams.get('state');
  if (state === null) throw new Error('the answer begins no login');
  return state;
}

/** Goes through the whole login as a browser does; the code names the user. @returns the callback's answer */
export async function logIn(browser: Visitor, user: string, path: string): Promise<supertest.Response> {
  const begun = await browser.get(path).set('accept', 'text/html');
  return browser.get(`/login/callback?code=${user}&state=${encodeURIComponent(stateOf(begun))}`);
}

/** Cookies that an answer sets, by name, whole. */
export function cookiesOf(answer: { readonly headers: Record<string, unknown> }): Map<string, string> {
  const lines = [answer.headers['set-cookie'] ?? []].flat() as string[];
  return new Map(lines.map((line) => [line.split('=', 1)[0] ?? '', line]));
}
