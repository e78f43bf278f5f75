import { type Admitted, authorize } from '../authorization/authorize.ts';
import { anonymous, type Principal } from '../authorization/principal.ts';
import type { IdentityProvider } from '../config/identity-provider.ts';
import type { Match } from '../routing/route.ts';
import type { Asked } from './asked.ts';
import { callerOf, neededScopes } from './callers.ts';
import type { CallerVerdict } from './explanation.ts';

/**
 * Whether the caller may, by the router's own judgement: with and without the CSRF token of the session.
 * @param ofHost the provider that the host has of its own
 */
export function judgeCaller(
  match: Match,
  { method, claims }: Asked,
  providers: readonly IdentityProvider[],
  ofHost: string | undefined,
): { readonly caller: CallerVerdict; readonly admitted: Admitted | undefined } {
  const { access } = match.route;
  const scopes = neededScopes(access, method);
  const isPublic = access.kind === 'public';
  const principal: Principal =
    isPublic && claims === undefined ? anonymous : callerOf(access, claims, method, providers);
  const asking = (csrfToken: string | undefined) =>
    authorize(match, { principal, method, presentedCsrfToken: csrfToken, csrfToken: 'session', csrfExempt: false });
  const needsCsrfToken = asking(undefined).kind !== asking('session').kind;
  const verdict = asking('session');
  const as =
    isPublic && claims === undefined
      ? 'nobody'
      : claims
        ? 'the user of the given claims'
        : 'a stand-in for a logged-in user';
  const isOfHost = !isPublic && access.hostDecides && ofHost !== undefined ? ', the provider of this host,' : '';
  const told = {
    admitted: isPublic
      ? 'anybody may'
      : `who is logged in at ${access.accepts.join(' or ')}${isOfHost} may${scopes.length > 0 ? `, with one of the scopes ${scopes.join(', ')}` : ''}; anybody else is sent to the login (scripts: 401)`,
    'needs-login': '401, or the login page: a login is needed',
    refused: `403: the user has none of the scopes ${scopes.join(', ') || '(none would do)'}`,
  }[verdict.kind];
  return {
    caller: { access: access.kind, as, verdict: told, scopes, needsCsrfToken },
    admitted: verdict.kind === 'admitted' ? verdict : undefined,
  };
}
