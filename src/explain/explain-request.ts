import { answerHeaders } from '../accept/answer-headers.ts';
import type { Compiled } from '../compile-config.ts';
import type { Config } from '../config/config.ts';
import type { Destination } from '../destinations/destination.ts';
import { createDirectory } from '../destinations/directory.ts';
import { resolveDestination } from '../destinations/resolve-destination.ts';
import { AppError } from '../errors/app-error.ts';
import { addressOf } from '../forwarding/upstream-address.ts';
import { routesAsMeant } from '../lint/routes-as-meant.ts';
import { ownPaths } from '../own-paths.ts';
import { judgeRoutes } from '../routing/judge-routes.ts';
import { matchRoute } from '../routing/match-route.ts';
import { refuseAmbiguousTarget } from '../routing/refuse-target.ts';
import { rewritePath } from '../routing/rewrite-path.ts';
import type { Match } from '../routing/route.ts';
import { takeSapIdp } from '../routing/sap-idp.ts';
import type { Asked } from './asked.ts';
import { unsignedToken } from './callers.ts';
import type { Answered, Explanation, ShownDestination } from './explanation.ts';
import { judgeCaller } from './judge-caller.ts';
import { showFlow } from './show-flow.ts';
import { showUpstream } from './show-upstream.ts';

/** What would become of a request, by the functions that serve requests; nothing is opened or asked. */
export async function explainRequest(config: Config, compiled: Compiled, asked: Asked): Promise<Explanation> {
  const { method, url, host } = asked;
  const { loginIsOn } = compiled;
  const path = url.split('?', 1)[0] ?? url;
  const routed = { method, url, path };
  const shared = {
    request: { method, url, host },
    routes: [],
    answerHeaders: answerHeaders(
      { ...config.settings, frameAncestors: compiled.embeddingOrigins },
      config.xsApp.responseHeaders ?? [],
    ).fixed.map(({ name, value }) => ({ name, value })),
  };
  const early = answeredBeforeRoutes(config, compiled, routed);
  if (early !== undefined) return { ...shared, outcome: early.why, answered: early };

  const rules = compiled.rulesOf?.(host);
  const routes = routesAsMeant(rules?.routes ?? compiled.routes, config.xsApp.routes ?? [], loginIsOn);
  const judged = { ...shared, routes: judgeRoutes(routes, routed, loginIsOn, false) };
  let match: Match;
  try {
    match = matchRoute(routes, routed, loginIsOn, false);
  } catch (cause) {
    const { status, headers } = cause as AppError;
    const why =
      status === 405 ? `no route takes the method; allowed: ${headers['allow'] || 'none'}` : 'no route takes it';
    return { ...judged, outcome: `${status}: ${why}`, answered: { status, why } };
  }
  const { caller, admitted } = judgeCaller(match, asked, config.providers, rules?.provider);
  const { access, to, name } = match.route;
  if (admitted === undefined) return { ...judged, caller, outcome: caller.verdict };
  const stripped = access.kind === 'login' && access.readsSapIdp ? takeSapIdp(url).url : url;
  const rewritten = attempt(() => rewritePath(match.route, stripped));
  if (rewritten instanceof AppError) return { ...judged, caller, ...refusedBy(rewritten) };
  const shownPath = {
    from: stripped,
    target: match.route.target,
    groups: [...match.groups].slice(1).map((group) => group ?? ''),
    to: rewritten,
  };
  const walked = { ...judged, caller, path: shownPath };
  const file = rewritten.split('?', 1)[0] ?? '/';
  if (to.kind === 'user-api') return { ...walked, outcome: `${name}: the router tells who the user is (${file})` };
  if (to.kind === 'local-dir') return { ...walked, outcome: `${name}: the file ${file} of ${to.root}` };

  const directory = createDirectory(config.destinations, undefined);
  let destination: Destination;
  try {
    destination = await resolveDestination(directory, to, admitted, host);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const elsewhere = config.destinationService !== undefined;
    const why = elsewhere
      ? 'the destination is not configured here; the bound Destination service would be asked, which this does not do'
      : 'there is no such destination, or no request may name it';
    return { ...walked, outcome: why, answered: { status: elsewhere ? undefined : cause.status, why } };
  }
  const { origin, base } = addressOf(destination);
  const { timeout } = match.route;
  const shown: ShownDestination = {
    name: destination.name,
    url: origin + base,
    authentication: destination.authentication,
    timeout: {
      milliseconds: timeout ?? destination.timeout,
      setBy: timeout === undefined ? 'destination' : 'route',
    },
  };
  const token = unsignedToken(asked.claims ?? {});
  const { flow, credential } = await showFlow(destination, admitted.principal, directory.related, token);
  const found = { ...walked, destination: shown, flow };
  if (flow.failure !== undefined || credential === undefined)
    return { ...found, outcome: `${flow.failure?.status}: ${flow.failure?.detail}` };
  const upstream = showUpstream(config, compiled, asked, { admitted, destination, credential, rewritten });
  return { ...found, upstream, outcome: `${name}: ${upstream.method} ${upstream.url}` };
}

/** What happens before any route is looked at. */
function answeredBeforeRoutes(
  config: Config,
  compiled: Compiled,
  { method, url, path }: { readonly method: string; readonly url: string; readonly path: string },
): Answered | undefined {
  const refused = attempt(() => refuseAmbiguousTarget(url));
  if (refused instanceof AppError) return refusedBy(refused).answered;
  const door = ownPaths(config, compiled).get(path);
  if (door !== undefined) return { status: undefined, why: `the router answers ${path} itself: ${door}` };
  const { welcomeFile } = config.xsApp;
  if (!welcomeFile || path !== '/' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  return { status: 302, why: `302: redirected to the welcome file ${welcomeFile}` };
}

function refusedBy({ status, detail, code }: AppError): { readonly outcome: string; readonly answered: Answered } {
  const why = detail ?? code;
  return { outcome: `${status}: ${why}`, answered: { status, why: `${status}: ${why}` } };
}

function attempt<T>(work: () => T): T | AppError {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof AppError) return cause;
    throw cause;
  }
}
