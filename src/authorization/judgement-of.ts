import type { Judgement } from '../observe/event.ts';
import type { Verdict } from './authorize.ts';
import type { Principal } from './principal.ts';

/** A verdict as it is told to who follows the request: of the user no token, only what it says. */
export function judgementOf(verdict: Verdict, principal: Principal): Judgement {
  return {
    verdict: verdict.kind,
    reason: verdict.kind === 'refused' ? verdict.reason : undefined,
    user: principal.kind === 'user' ? knownUser(principal) : undefined,
  };
}

function knownUser(user: Extract<Principal, { kind: 'user' }>) {
  const { provider, scopes } = user;
  return { provider, scopes, claims: () => user.claims };
}
