import type { Response } from 'express';
import type { Admitted } from '../src/authorization/authorize.ts';
import type { User } from '../src/authorization/principal.ts';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { whoIs } from '../src/login/session-facts.ts';

/**
 * Who the user is, for the browser: never a token (xs-app.md 6.8).
 * @param path rewritten path without query
 * @throws AppError 401, 404
 */
export async function answerUserApi(
  house: House,
  { principal }: Admitted,
  path: string,
  response: Response,
): Promise<void> {
  if (principal.kind !== 'user') throw new AppError({ code: 'ERR_LOGIN_REQUIRED', status: 401 });
  const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (answer === undefined) throw new AppError({ code: 'ERR_NOT_FOUND', status: 404 });
  const body = await answer(house, principal);
  response.setHeader('Cache-Control', 'no-cache, no-store');
  response.type('json').send(JSON.stringify(body, null, 2));
}

const answers: Readonly<Record<string, (house: House, user: User) => object | Promise<object>>> = {
  '/currentUser': (house, user) => {
    const { firstname, lastname, name, ...rest } = profileOf(house, user);
    const fullName = [firstname, lastname].filter(Boolean).join(' ');
    return { firstname, lastname, ...rest, name, displayName: fullName === '' ? name : `${fullName} (${name})` };
  },
  '/attributes': async (house, user) => {
    const { party } = house.parties.get(user.provider) ?? {};
    // What the provider does not tell is left out; the rest is still an answer.
    const attributes = await party?.userAttributes?.(user.token).catch(() => ({}));
    return { ...claimOf(user, 'xs.user.attributes'), ...attributes, ...profileOf(house, user) };
  },
};

function profileOf(house: House, { claims, scopes, provider }: User) {
  const isIas = house.parties.get(provider)?.provider.kind === 'ias';
  const { name, ...profile } = whoIs(claims);
  // The login name is `sub` at IAS (xs-app.md 6.8), whatever else its tokens say.
  return { ...profile, name: isIas ? claims['sub'] : name, scopes };
}

function claimOf({ claims }: User, name: string): object {
  const claim = claims[name];
  return typeof claim === 'object' && claim !== null ? claim : {};
}
