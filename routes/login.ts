import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { isReturnUrl } from '../src/login/return-url.ts';
import { beginLogin } from './begin-login.ts';
import { answerChooser } from './choose-provider.ts';
import type { Door } from './door.ts';

/** `/-/login?return_to=/path`: a login begun on purpose, by a link or by a script that got a 401. */
export function loginDoor(house: House): Door {
  return {
    path: '/-/login',
    methods: {
      async GET(request, response) {
        const query = new URL(request.arrival.url, 'http://login').searchParams;
        const wanted = query.get('return_to') ?? '/';
        const wish = query.get('sap_idp');
        const details = {
          claims: claimsParameter(query.get('claims')),
          identityProvider: wish !== null && house.mayWish(wish) ? wish : undefined,
          url: isReturnUrl(wanted) ? wanted : '/',
        };
        const named = query.get('provider');
        const { host } = request.arrival;
        const choose = house.choice.length > 1 && house.rulesOf?.(host).provider === undefined;
        if (named === null && choose) return answerChooser(house.choice, details, response);
        const provider = named ?? house.defaultProvider(host);
        if (provider === undefined) throw new AppError({ code: 'ERR_NOT_FOUND', status: 404 });
        await beginLogin(house, request, response, { provider, ...details });
      },
    },
  };
}

/** Claims to ask the provider for, where they are a JSON object of a size that a URL takes; the provider judges them. */
function claimsParameter(text: string | null): string | undefined {
  if (text === null || text.length > 2_000) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? text : undefined;
  } catch {
    return undefined;
  }
}
