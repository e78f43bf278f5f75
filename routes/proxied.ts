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
import { nearMisses } from '../src/routing/near-misses.ts';
import { rewritePath } from '../src/routing/rewrite-path.ts';
import type { Match, Route } from '../src/routing/route.ts';
import { takeSapIdp } from '../src/routing/sap-idp.ts';
import { answerRefusal } from './answer-refusal.ts';
import { answerCsrfToken, asksForCsrfToken, provesItsOrigin } from './csrf.ts';
import type { Handler } from './door.ts';
import { logInInstead } from './log-in-instead.ts';
import { tripOf } from './trip.ts';
import { answerUserApi } from './user-api.ts';
import { type Visitor, visitorOf } from './visitor.ts';

/** The last door: everything that xs-app.json describes. Finds the route and who is asking; `serve` goes on from there. */
export function proxied(house: House): Handler {
  const { routes, rulesOf } = house;
  if (rulesOf === undefined) return (request, response) => enter(house, routes, request, response);
  return (request, response) => enter(house, rulesOf(request.arrival.host).routes, request, response);
}

function enter(house: House, routes: readonly Route[], request: Request, response: Response): void | Promise<void> {
  const { arrival, tunnel } = request;
  if (tunnel !== undefined) admitUpgrade(house.upgradeRules, arrival, request.headers.origin);
  request.way?.looksForRoute(() => nearMisses(routes, arrival, house.loginIsOn, tunnel !== undefined));
  const match = matchRoute(routes, arrival, house.loginIsOn, tunnel !== undefined);
  const { name, source, access } = match.route;
  request.way?.routed({
    name,
    kind: 'route',
    source: source.source,
    access: access.kind === 'public' ? 'public' : access.by,
  });
  const visitor = visitorOf(house, access, request, response);
  return visitor instanceof Promise
    ? visitor.then((known) => serve(house, match, known, request, response))
    : serve(house, match, visitor, request, response);
}

/**
 * The rest of a request's way; each value is the argument of the next, so that a step cannot be skipped. What is at hand
 * is not awaited: each wait costs a request as much as finding its route does.
 */
async function serve(
  house: House,
  match: Match,
  { principal, session, csrfExempt, jar }: Visitor,
  request: Request,
  response: Response,
): Promise<void> {
  const { arrival } = request;
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
  if (to.kind === 'user-api') {
    house.compress.prepare(request, response);
    return answerUserApi(house, verdict, path.split('?', 1)[0] ?? '/', response);
  }
  if (to.kind === 'local-dir') {
    const { workingDirectory } = house.config;
    if (wantsStatistics(arrival.url, request.headers)) tellTotal(response, performance.now() - arrival.startedAt);
    house.compress.prepare(request, response);
    return serveLocalDir(request, response, { ...to, file: path.split('?', 1)[0] ?? '/', workingDirectory });
  }
  try {
    await within(request.way, async () => {
      const found = resolveDestination(house.destinations, to, verdict, arrival.host);
      const destination = found instanceof Promise ? await found : found;
      const obtained = house.tokens.obtain(destination, principal);
      const credential = obtained instanceof Promise ? await obtained : obtained;
      await house.forward(
        request,
        response,
        tripOf(house, { verdict, destination, credential, path, jar, session, csrfExempt }, request),
      );
    });
  } catch (cause) {
    await logInInstead(house, cause, { verdict, session, url }, request, response);
  }
}

function readsSapIdp({ access }: Route): boolean {
  return access.kind === 'login' && access.readsSapIdp;
}

/** Not in an upgrade, whose answer is the backend's: a session made for it would be nobody's. */
function wantsCsrfToken(request: Request, { access }: Route): boolean {
  return request.tunnel === undefined && asksForCsrfToken(request) && (access.kind === 'public' || access.csrf);
}
