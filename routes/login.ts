import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { isReturnUrl } from '../src/login/return-url.ts';
import { beginLogin } from './begin-login.ts';
import type { Door } from './door.ts';

/** `/-/login?return_to=/path`: a login begun on purpose, by a link or by a script that got a 401. */
export function loginDoor(house: House): Door {
  return {
    path: '/-/login',
    methods: {
      async GET(request, response) {
        const query = new URL(request.arrival.url, 'http://login').searchParams;
        const provider = query.get('provider') ?? house.defaultProvider;
        if (provider === undefined) throw new AppError({ code: 'ERR_NOT_FOUND', status: 404 });
        const wanted = query.get('return_to') ?? '/';
        await beginLogin(house, request, response, { provider, url: isReturnUrl(wanted) ? wanted : '/' });
      },
    },
  };
}
