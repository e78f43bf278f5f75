import type { RequestListener } from 'node:http';
import type { Hooks } from '../hooks.ts';
import type { CostCentersLandscape, IasLandscape } from '../landscape.ts';
import { iasApplications, ids, makeSecret } from '../registrations.ts';
import type { Surroundings } from '../surroundings.ts';
import { makeCostCenters } from './cost-centers.ts';
import { makeIas } from './ias.ts';
import { makeLockout } from './lockout.ts';
import type { IasTenant } from './tenant.ts';

export interface OpenedIas {
  readonly handler: RequestListener;
  readonly costCentersHandler: RequestListener;
  readonly landscape: IasLandscape;
  readonly costCenters: CostCentersLandscape;
  readonly hooks: Hooks['ias'];
}

/** Furnishes the IAS-like tenant, which trusts the directory for its people, and the API it protects. */
export function openIas({ clock, keys, users, recorder, options, origins }: Surroundings): OpenedIas {
  const secrets = { router: makeSecret(), plain: makeSecret() };
  const tenant: IasTenant = Object.freeze({
    origin: origins.ias,
    id: ids.iasTenant,
    clock,
    key: keys.ias,
    applications: new Map(iasApplications(keys, secrets).map((application) => [application.id, application])),
    users,
    corporateIdentityProvider: { issuer: `${origins.entra}/${ids.tenant}/v2.0`, clientId: ids.routerClient },
    lockout: makeLockout(clock, options.iasLockoutThreshold),
    tokenLifetime: options.iasTokenLifetime,
  });
  return {
    handler: makeIas(tenant, recorder),
    costCentersHandler: makeCostCenters({
      tenant,
      audience: ids.costCenters,
      binding: options.certificateBinding,
      recorder,
    }),
    landscape: Object.freeze({
      origin: tenant.origin,
      issuer: tenant.origin,
      tenantId: tenant.id,
      tokenUrl: `${tenant.origin}/oauth2/token`,
      keysUrl: `${tenant.origin}/oauth2/certs`,
      certificateAuthority: keys.authority.certificate,
      client: Object.freeze({
        id: ids.iasClient,
        secret: secrets.router,
        certificate: keys.iasClient,
        costCentersResource: `urn:sap:identity:application:provider:name:${ids.costCentersDependency}`,
      }),
      plainClient: Object.freeze({ id: ids.iasPlainClient, secret: secrets.plain }),
      publicClient: Object.freeze({ id: ids.iasPublicClient }),
    }),
    costCenters: Object.freeze({
      origin: origins.costCenters,
      url: `${origins.costCenters}/cost-centers`,
      clientId: ids.costCenters,
    }),
    hooks: Object.freeze({ unlock: tenant.lockout.reset }),
  };
}
