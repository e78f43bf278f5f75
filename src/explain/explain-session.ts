import type { Claims } from '../authorization/principal.ts';
import type { Compiled } from '../compile-config.ts';
import type { Config } from '../config/config.ts';
import type { IdentityProvider } from '../config/identity-provider.ts';
import { renewalDue } from '../login/renewal-due.ts';
import { sessionTimes } from '../session/session-times.ts';
import type { Clock, ExplainedLogin, SessionExplanation, Story } from './session-explanation.ts';
import { tellMinutes } from './tell-minutes.ts';

/** What providers give mostly, where nobody says otherwise. */
const assumedTokenMinutes = 60;

/**
 * Which clock ends sessions and logins of a configuration, and when (docs/sessions.md). Pure; nothing is asked.
 * @param claims of a user's token, whose life is taken; undefined: an hour is assumed
 */
export function explainSession(
  config: Config,
  { loginIsOn }: Compiled,
  claims: Claims | undefined,
): SessionExplanation {
  const { settings, xsApp, providers, environment, externalSessions } = config;
  const times = sessionTimes(settings, xsApp);
  const [idle, longest] = [times.idleTime / 60_000, times.longestLife / 60_000];
  const clocks: readonly Clock[] = [
    {
      name: 'idle time',
      minutes: idle,
      from: settings.sessionTimeout !== undefined ? 'SESSION_TIMEOUT' : fromXsApp(xsApp.sessionTimeout),
      rule: 'every request with the session starts it anew; WebSockets, event streams and GET /-/session do not',
    },
    {
      name: 'longest life',
      minutes: longest,
      from: environment.get('SESSION_MAX_AGE') === undefined ? 'default' : 'SESSION_MAX_AGE',
      rule: 'nothing starts it anew',
    },
  ];
  const logins = loginIsOn
    ? providers.map((provider) => explainLogin(provider, settings.jwtRefresh, lifeOf(claims), [idle, longest]))
    : [];
  const notRenewed = logins.filter(({ renewedAfter }) => renewedAfter === undefined);
  const base =
    idle < longest
      ? `a session ends ${tellMinutes(idle)} after its last request, and ${tellMinutes(longest)} after it began at the latest`
      : `a session ends ${tellMinutes(longest)} after it began`;
  return {
    outcome:
      logins.length === 0
        ? `${base}; nobody logs in, so there are only those made for CSRF tokens and cookies of backends`
        : notRenewed.length === 0
          ? `${base}; the user's token is renewed meanwhile`
          : `${base}; the login in it ends with the user's token${notRenewed.length < logins.length ? ` (${notRenewed.map(({ provider }) => provider).join(', ')})` : ''}`,
    clocks,
    logins,
    kept:
      externalSessions === undefined
        ? {
            in: 'memory',
            survivesRestart: false,
            why: 'in the memory of this instance: a restart ends them all, and several instances do not know each other’s',
          }
        : { in: 'redis', survivesRestart: true, why: 'in Redis: they outlive restarts, and all instances know them' },
    doors: doorsOf(config, loginIsOn),
    notes: [
      ...(idle >= longest ? ['the idle time is not shorter than the longest life, and so without effect'] : []),
      ...notRenewed
        .filter(({ tokenMinutes }) => tokenMinutes < idle)
        .map(({ provider }) => `a login at ${provider} ends before the idle time does, in the midst of work`),
    ],
  };
}

function fromXsApp(sessionTimeout: number | undefined): string {
  return sessionTimeout === undefined ? 'default' : 'sessionTimeout in xs-app.json';
}

/** Minutes that a token lives, by its own claims. */
function lifeOf(claims: Claims | undefined): number | undefined {
  const life = Number(claims?.['exp']) - Number(claims?.['iat']);
  return life > 0 ? life / 60 : undefined;
}

function explainLogin(
  provider: IdentityProvider,
  minutesBefore: number,
  life: number | undefined,
  [idle, longest]: readonly [number, number],
): ExplainedLogin {
  const tokenMinutes = life ?? assumedTokenMinutes;
  const asksForRefresh = provider.kind === 'xsuaa' || provider.scopes.split(' ').includes('offline_access');
  const due = renewalDue({ obtainedAt: 0, expiresAt: tokenMinutes * 60_000 }, minutesBefore) / 60_000;
  const renewedAfter = minutesBefore > 0 && asksForRefresh ? due : undefined;
  const why =
    minutesBefore === 0
      ? 'JWT_REFRESH is 0: it is never renewed'
      : !asksForRefresh
        ? 'its scopes lack offline_access, without which most providers give no refresh token'
        : 'renewed by the first request after that, where the provider gives a refresh token';
  return {
    provider: provider.name,
    tokenMinutes,
    tokenLife: life === undefined ? 'assumed' : 'of the token given',
    renewedAfter,
    why,
    stories: storiesOf(Math.min(idle, longest), longest, tokenMinutes, renewedAfter),
  };
}

const sessionEnds =
  'the session ends; what it holds open is closed (4401), navigations lead to a login, scripts get 401';
const loginEnds = 'the login ends: navigations lead to a new one, scripts get 401; the session itself stays';

function storiesOf(idle: number, longest: number, token: number, renewedAfter: number | undefined): readonly Story[] {
  const end = (minutes: number) => ({ minutes, what: sessionEnds });
  const lost = (before: number) =>
    renewedAfter === undefined && token < before ? [{ minutes: token, what: loginEnds }] : [];
  const renewals =
    renewedAfter !== undefined && renewedAfter < longest
      ? [{ minutes: renewedAfter, what: 'the token is renewed, and so on; nobody notices' }]
      : [];
  return [
    { who: 'who leaves after the login', events: [...lost(idle), end(idle)] },
    { who: 'who works without a pause', events: [...renewals, ...lost(longest), end(longest)] },
  ];
}

function doorsOf({ xsApp, providers }: Config, loginIsOn: boolean): SessionExplanation['doors'] {
  const { logout } = xsApp;
  const all: readonly (readonly [path: string | undefined, what: string])[] = [
    [logout?.logoutEndpoint, `ends the session (${logout?.logoutMethod ?? 'GET'})`],
    [logout?.backChannelLogoutEndpoint, 'ends it when the provider says so'],
    [providers.length > 0 ? '/-/front-channel-logout' : undefined, "ends it in a frame of the provider's page"],
    [
      loginIsOn && providers.length > 0 ? '/-/session' : undefined,
      'GET tells when it ends; POST prolongs and renews it',
    ],
  ];
  return all.flatMap(([path, what]) => (path === undefined ? [] : [{ path, what }]));
}
