import { describe, expect, test } from 'vitest';
import { anonymous } from '../../../../src/authorization/principal.ts';
import type { DestinationServiceBinding } from '../../../../src/config/destination-service-binding.ts';
import { tenantOf } from '../../../../src/destinations/bound-service/tenant.ts';
import { userOf } from '../../../../src/login/user-of.ts';

const binding = { tenantId: 'subaccount' } as DestinationServiceBinding;
const homes = new Map([['ias', 'tenant-of-ias']]);
const home = (provider: string) => homes.get(provider);
const of = (provider: string, claims: object) => tenantOf(userOf(provider, 't', { ...claims }, []), binding, home);

describe("whose destinations a user's are", () => {
  test.each<[string, string, object]>([
    ["the service's own tenant", 'xsuaa', { zid: 'subaccount' }],
    ["the login's own tenant, which the service knows by another id", 'ias', { app_tid: 'tenant-of-ias' }],
    ['the same by its older name', 'ias', { zone_uuid: 'tenant-of-ias' }],
    ['no tenant in the token', 'oidc', { tid: 'somebody' }],
  ])("the provider's: %s", (_, provider, claims) => {
    expect(of(provider, claims)).toBeUndefined();
  });

  test.each<[string, string, object]>([
    ['another tenant of XSUAA', 'xsuaa', { zid: 'acme' }],
    ['another tenant of IAS', 'ias', { app_tid: 'acme' }],
  ])("a subscriber's: %s", (_, provider, claims) => {
    expect(of(provider, claims)).toEqual({ id: 'acme', subdomain: undefined });
  });

  test('one provider does not vouch for the tenant of another', () => {
    expect(of('xsuaa', { zid: 'tenant-of-ias' })).toEqual({ id: 'tenant-of-ias', subdomain: undefined });
  });

  test("the provider's: nobody in particular", () => {
    expect(tenantOf(anonymous, binding, home)).toBeUndefined();
  });
});
