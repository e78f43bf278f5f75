import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import type { Door } from './door.ts';
import { endByProvider } from './end-by-provider.ts';
import { readForm } from './read-form.ts';

/** Logout that the provider begins: a signed token names the sessions to end (OpenID Connect Back-Channel Logout 2.5). */
export function backChannelLogoutDoor(house: House, path: string): Door {
  return {
    path,
    methods: {
      async POST(request, response) {
        response.setHeader('Cache-Control', 'no-store'); // on refusals too (2.8)
        const { logout_token: token } = await readForm(request, response);
        if (typeof token !== 'string')
          throw new AppError({ code: 'ERR_BAD_REQUEST', status: 400, members: { error: 'invalid_request' } });
        const ended = await house.endByLogoutToken(token);
        await endByProvider(house, ended, request);
        response.end();
      },
    },
  };
}
