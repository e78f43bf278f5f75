import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import type { House } from '../src/house.ts';
import { chooserPage } from '../src/login/chooser-page.ts';
import { loginUrlFor } from '../src/login/login-url.ts';
import type { LoginWish } from '../src/login/logins.ts';

/** Lets people choose among several providers (PORTUNUS_LOGIN_CHOOSER). */
export function answerChooser(choice: House['choice'], wish: Omit<LoginWish, 'provider'>, response: Response): void {
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  const links = choice.map(({ name, title }) => ({
    title,
    loginUrl: loginUrlFor(wish.url, { ...wish, provider: name }),
  }));
  response.type('html').send(chooserPage(links, nonce));
}
