import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { frameLoginPage } from '../src/login/frame-login-page.ts';

/**
 * A frame whose user is not logged in: identity providers show themselves in no frame, so the login begins with a click
 * that opens a window.
 * @param origins that may frame us
 * @param loginUrl path and query
 */
export function answerFrameLogin(origins: readonly string[], loginUrl: string, response: Response): void {
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'self' 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' ${origins.join(' ')}`,
  );
  response.type('html').send(frameLoginPage(loginUrl, nonce));
}
