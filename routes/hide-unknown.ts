import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { answerRefusal } from './answer-refusal.ts';
import type { Handler } from './door.ts';

/** REQUIRE_AUTH_FOR_UNKNOWN_ROUTES: whoever is not logged in learns nothing about which paths exist. */
export function hideUnknown(house: House, next: Handler): Handler {
  if (!house.config.settings.requireAuthForUnknownRoutes || !house.loginIsOn) return next;
  return async (request, response) => {
    try {
      await next(request, response);
    } catch (cause) {
      const unknown =
        cause instanceof AppError && (cause.code === 'ERR_NO_ROUTE' || cause.code === 'ERR_METHOD_NOT_ALLOWED');
      const provider = house.defaultProvider(request.arrival.host);
      const session = unknown && !response.headersSent ? await house.sessions.find(request) : undefined;
      if (!unknown || response.headersSent || provider === undefined || session?.data.login !== undefined) throw cause;
      const verdict = {
        kind: 'needs-login',
        provider,
        accepts: [provider],
        by: 'redirect',
        identityProvider: undefined,
      } as const;
      await answerRefusal(house, verdict, request, response, { url: request.arrival.url, idp: undefined });
    }
  };
}
