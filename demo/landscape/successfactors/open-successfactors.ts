import { createSecretKey, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Hooks } from '../hooks.ts';
import type { SuccessFactorsLandscape } from '../landscape.ts';
import { ids } from '../registrations.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Company, makeCompanyState } from './company.ts';
import { employeesOf } from './employees.ts';
import { makeSuccessFactors } from './successfactors.ts';

export interface OpenedSuccessFactors {
  readonly handler: RequestListener;
  readonly landscape: SuccessFactorsLandscape;
  readonly hooks: Hooks['successFactors'];
  /** Undoes what the hooks have done. */
  reset(): void;
}

/** Furnishes the company: its employees, and the one OAuth client with its certificate. */
export function openSuccessFactors({
  clock,
  keys,
  users,
  recorder,
  options,
  origins,
}: Surroundings): OpenedSuccessFactors {
  const origin = origins.successFactors;
  const state = makeCompanyState();
  const company: Company = Object.freeze({
    id: ids.company,
    origin,
    tokenUrl: `${origin}/oauth/token`,
    client: Object.freeze({
      name: 'Portunus',
      apiKey: ids.apiKey,
      certificate: keys.successFactorsSigning.certificate,
    }),
    employees: employeesOf(users),
    clock,
    tokenKey: createSecretKey(randomBytes(32)),
    strictness: options.strictness,
    state,
  });
  const throttle = (remaining: number, retryAfterSeconds: number) => {
    state.throttle = { remaining, retryAfterSeconds };
  };
  return {
    handler: makeSuccessFactors(company, recorder),
    landscape: Object.freeze({
      origin,
      tokenUrl: company.tokenUrl,
      url: `${origin}/odata/v2`,
      apiKey: ids.apiKey,
      companyId: ids.company,
      audience: 'www.successfactors.com',
      signing: keys.successFactorsSigning,
    }),
    hooks: Object.freeze({
      rejectIssuedTokens: () => {
        state.rejectTokensIssuedBefore = clock.now() + 1;
      },
      throttle,
    }),
    reset: () => {
      state.rejectTokensIssuedBefore = 0;
      throttle(0, 1);
    },
  };
}
