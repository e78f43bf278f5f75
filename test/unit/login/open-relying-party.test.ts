import { describe, expect, test } from 'vitest';
import type { IdentityProvider } from '../../../src/config/identity-provider.ts';
import { loadParty, openRelyingParty } from '../../../src/login/open-relying-party.ts';
import { directly } from '../../../src/login/provider-fetch.ts';

const timeouts = { xsuaa: 1_000, identity: 1_000 };
const shared = {
  name: 'harbor',
  clientId: 'quay',
  clientAuthentication: { method: 'client_secret', secret: 's' },
} as const;
const oidc = {
  ...shared,
  issuer: new URL('https://harbor.example/'),
  scopes: 'openid',
  userToken: 'auto',
  audiences: ['quay'],
} as const;
const providers: readonly IdentityProvider[] = [
  { ...oidc, kind: 'oidc' },
  { ...oidc, kind: 'ias', domains: ['harbor.example'] },
  {
    ...shared,
    kind: 'xsuaa',
    url: new URL('https://harbor.example'),
    certUrl: undefined,
    xsappname: 'quay!t1',
    zone: undefined,
  },
];

describe.each(providers)('a party that is loaded when it is first asked: $kind', (provider) => {
  test('can do what the loaded one can, and can be loaded ahead', async () => {
    const loaded = await loadParty(provider, timeouts, directly);
    const expected = new Set([...Object.keys(loaded), 'prepare']);
    expect(new Set(Object.keys(openRelyingParty(provider, timeouts, directly)))).toEqual(expected);
  });

  test('answers as the loaded one does', async () => {
    const party = openRelyingParty(provider, timeouts, directly);
    // Of another issuer: refused without anybody being asked.
    const token = `e30.${Buffer.from('{"iss":"https://other.example/"}').toString('base64url')}.c2ln`;
    await expect(party.verifyToken(token)).rejects.toMatchObject({ code: 'ERR_LOGIN_FAILED', status: 401 });
  });
});
