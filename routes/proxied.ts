import type { Request, Response } from 'express';
import { admitUpgrade } from '../src/authorization/admit-upgrade.ts';
import { authorize } from '../src/authorization/authorize.ts';
import { judgementOf } from '../src/authorization/judgement-of.ts';
import { resolveDestination } from '../src/destinations/resolve-destination.ts';
import { runSlot, slotFor } from '../src/extensions.ts';
import { serveLocalDir } from '../src/forwarding/serve-local-dir.ts';
import { tellTotal, wantsStatistics } from '../src/forwarding/statistics.ts';
import type { House } from '../src/house.ts';
import { within } from '../src/observe/way.ts';
import { matchRoute } from '../src/routing/match-route.ts';
import { rewritePath } from '../src/routing/rewrite-path.ts';
import type { Route } from '../src/routing/route.ts';
import { takeSapIdp } from '../src/routing/sap-idp.ts';
import { answerRefusal } from './answer-refusal.ts';
import { answerCsrfToken, asksForCsrfToken, provesItsOrigin } from './csrf.ts';
import type { Handler } from './door.ts';
import { orLogIn } from './or-log-in.ts';
import { tripOf } from './trip.ts';
import { answerUserApi } from './user-api.ts';
import { visitorOf } from './visitor.ts';

/**
 * The last door: everything that xs-app.json describes. This is a request's way; each value is the argument of the
 * next, so that a step cannot be skipped.
 */
export function proxied(house: House): Handler {
  return async (request: Request, response: Response) => {
    const { arrival } = request;
    if (request.tunnel !== undefined) admitUpgrade(house.upgradeRules, arrival, request.get('origin'));
    const match = matchRoute(house.routes, arrival, house.loginIsOn, request.tunnel !== undefined);
    const { route: found } = match;
    request.way?.routed({
      name: found.name,
      kind: 'route',
      source: found.source.source,
      access: found.access.kind === 'public' ? 'public' : found.access.by,
    });
    const { principal, session, csrfExempt, jar } = await visitorOf(house, found.access, request, response);
    request.principal = principal;
    const verdict = authorize(match, {
      principal,
      csrfExempt: csrfExempt || provesItsOrigin(house, request),
      method: arrival.method,
      presentedCsrfToken: request.get('x-csrf-token'),
      csrfToken: session?.data.csrfToken,
    });
    request.way?.judged(judgementOf(verdict, principal));
    const { url, idp } = readsSapIdp(match.route) ? takeSapIdp(arrival.url) : { url: arrival.url, idp: undefined };
    if (verdict.kind !== 'admitted') return answerRefusal(house, verdict, request, response, { url, idp });
    const own = slotFor(house.extensions, 'beforeRequestHandler', house.config.settings.handleWebSocketExt, request);
    const goesOn = runSlot(own, request, response);
    if (goesOn !== true && !(await goesOn)) return;
    const { route } = verdict;
    const { to } = route;
    const path = rewritePath(route, url);
    if (!csrfExempt && wantsCsrfToken(request, route)) await answerCsrfToken(house, request, response, session);
    if (to.kind === 'user-api') return answerUserApi(house, verdict, path.split('?', 1)[0] ?? '/', response);
    if (to.kind === 'local-dir') {
      const { workingDirectory } = house.config;
      if (wantsStatistics(arrival.url, request.headers)) tellTotal(response, performance.now() - arrival.startedAt);
      house.compress.prepare(request, response);
      return serveLocalDir(request, response, { ...to, file: path.split('?', 1)[0] ?? '/', workingDirectory });
    }
    await orLogIn(house, { verdict, session, url }, request, response, () =>
      within(request.way, async () => {
        const destination = await resolveDestination(house.destinations, to, verdict, arrival.host);
        const credential = await house.tokens.obtain(destination, verdict.principal);
        const trip = tripOf(house, { verdict, destination, credential, path, jar, session }, request);
        await house.forward(request, response, trip);
      }),
    );
  };
}

function readsSapIdp({ access }: Route): boolean {
  return access.kind === 'login' && access.readsSapIdp;
}

function wantsCsrfToken(request: Request, { access }: Route): boolean {
  return asksForCsrfToken(request) && (access.kind === 'public' || access.csrf);
}
