import { randomBytes } from 'node:crypto';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { isChallenge } from '../src/login/hand-over.ts';
import { loggedInPage } from '../src/login/logged-in-page.ts';
import type { Door } from './door.ts';

/** `/-/logged-in?challenge=…`: where a login in a pop-up ends. Never in a frame, and nothing to see without a session. */
export function loggedInDoor(house: House): Door {
  return {
    path: '/-/logged-in',
    methods: {
      async GET(request, response) {
        const challenge = new URL(request.arrival.url, 'http://logged-in').searchParams.get('challenge');
        if (!isChallenge(challenge)) throw new AppError({ code: 'ERR_BAD_REQUEST', status: 400 });
        const found = await house.sessions.find(request);
        if (found?.data.login === undefined) throw new AppError({ code: 'ERR_LOGIN_REQUIRED', status: 401 });
        const nonce = randomBytes(16).toString('base64');
        response.setHeader('Cache-Control', 'no-store');
        response.setHeader('X-Frame-Options', 'DENY');
        response.setHeader(
          'Content-Security-Policy',
          `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        );
        const code = house.embedding?.handOvers.offer(found.id, challenge) ?? '';
        response.type('html').send(loggedInPage(challenge, code, nonce));
      },
    },
  };
}
