import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import type { EndedSession } from '../src/session/session-store.ts';
import type { Door } from './door.ts';
import { endByProvider } from './end-by-provider.ts';

/** What is in the frame: nothing to click on, whoever frames it. */
const page = '<!doctype html><html lang="en"><title>Logged out</title></html>\n';

/**
 * Logout by a frame in the provider's own logout page (OpenID Connect Front-Channel Logout). Browsers often send no cookie
 * in such a frame, so the session is found by `iss` and `sid`; nobody else knows those.
 * @param byLink whether a link may log a user out here (logout by GET); else a frame of any site could, without naming the session
 */
export function frontChannelLogoutDoor(house: House, byLink: boolean): Door {
  const endNamed = async (iss: string, sid: string): Promise<readonly EndedSession[]> => {
    for (const [provider, { party }] of house.parties) {
      if (!(await party.isIssuer?.(iss))) continue;
      return house.sessions.removeByLogin({ provider, sid, subject: undefined });
    }
    throw refused();
  };
  return {
    path: '/-/front-channel-logout',
    methods: {
      async GET(request, response) {
        // For this page only: it has to be framed (section 3). Browsers heed the policy, older ones the header.
        response.setHeader('X-Frame-Options', 'ALLOWALL');
        response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors *");
        response.setHeader('Cache-Control', 'no-cache, no-store');
        const query = new URL(request.arrival.url, 'http://logout').searchParams;
        const [iss, sid] = [query.getAll('iss'), query.getAll('sid')];
        if (iss.length > 1 || iss.length !== sid.length) throw refused();
        const [issuer, session] = [iss[0], sid[0]];
        const named = issuer !== undefined && session !== undefined;
        if (!named && !byLink) throw refused();
        const ended = named
          ? await endNamed(issuer, session)
          : [await house.sessions.end(request, response)].filter((one) => one !== undefined);
        await endByProvider(house, ended, request);
        response.type('html').send(page);
      },
      // HEAD is safe: it ends nothing (RFC 9110 9.2.1).
      HEAD: (_request, response) => void response.type('html').end(),
    },
  };
}

function refused(): AppError {
  return new AppError({
    code: 'ERR_BAD_REQUEST',
    status: 400,
    detail: 'A logout in a frame names the session by "iss" and "sid", both of this application\'s identity provider.',
  });
}
