import { AppError } from '../src/errors/app-error.ts';
import { tell } from '../src/extensions.ts';
import type { House } from '../src/house.ts';
import { auditedUser } from '../src/observe/audit-event.ts';
import type { Door } from './door.ts';
import { readForm } from './read-form.ts';

/** Logout that the provider begins: a signed token names the sessions to end (OpenID Connect Back-Channel Logout 2.5). */
export function backChannelLogoutDoor(house: House, path: string): Door {
  return {
    path,
    methods: {
      async POST(request, response) {
        const { logout_token: token } = await readForm(request, response);
        if (typeof token !== 'string')
          throw new AppError({ code: 'ERR_BAD_REQUEST', status: 400, members: { error: 'invalid_request' } });
        const ended = await house.endByLogoutToken(token);
        for (const { id, data } of ended) {
          tell(house.extensions, 'logout', id, house.log.warning);
          if (data.login) {
            house.audit({ event: 'logout', user: auditedUser(data.login.user), by: 'provider' }, request);
            house.tokens.forget(data.login.user.tokenHash);
          }
        }
        await Promise.all(ended.map(({ data }) => house.logOutBackends(data, request.arrival)));
        response.setHeader('Cache-Control', 'no-store');
        response.end();
      },
    },
  };
}
