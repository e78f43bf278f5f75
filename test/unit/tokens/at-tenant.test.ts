import { describe, expect, test } from 'vitest';
import { anonymous, type User } from '../../../src/authorization/principal.ts';
import { atTenant } from '../../../src/tokens/at-tenant.ts';
import type { FlowInput } from '../../../src/tokens/flow-input.ts';
import { askedTokens } from './support/asked.ts';
import { destinationOf, parse } from './support/destination-of.ts';
import { openKeyPairs } from './support/key-pairs.ts';
import { userWith } from './support/principal-of.ts';

/** tokenServiceURLType=Common: a token service with an address for each tenant (destination-service.md 2.4). */
const common = { clientId: 'c', clientSecret: 's', tokenServiceURLType: 'Common' };
const technical = (tokenServiceURL: string, more: object = {}) =>
  destinationOf({ Authentication: 'OAuth2ClientCredentials' as const, ...common, tokenServiceURL, ...more });
const named = (tokenServiceURL: string, more: object = {}) =>
  destinationOf({ Authentication: 'OAuth2JWTBearer' as const, ...common, tokenServiceURL, ...more });
const of = (zdn: string, token = `token of ${zdn}`) => userWith(token, { ext_attr: { enhancer: 'XSUAA', zdn } });

const { keyStores } = openKeyPairs({ ship: {} });

describe('the tenant goes into the address', () => {
  test.each([
    ['https://authentication.us10.example/oauth/token', 'https://acme.authentication.us10.example/oauth/token'],
    ['https://idp.example/t/{tenant}/token', 'https://idp.example/t/acme/token'],
    ['https://oauth.{tenant}.example/token', 'https://oauth.acme.example/token'],
    ['http://localhost:8080/oauth/token', 'http://acme.localhost:8080/oauth/token'],
    ['https://{tenant}.idp.example/t/{tenant}?t={tenant}', 'https://acme.idp.example/t/acme?t=acme'],
  ])('%s becomes %s', async (written, reached) => {
    const { tokenService } = atTenant(await technical(written), undefined, { tenant: 'acme' });
    expect(tokenService.url.href).toBe(reached);
    expect(tokenService.endpoint).toBe(reached.split('?')[0]);
    expect(tokenService.tenancy).toBeUndefined();
  });

  test('queries of the destination stay, encoded as ever', async () => {
    const destination = await technical('https://idp.example/{tenant}', { 'tokenServiceURL.queries.q': 'a&b{c}' });
    const { url } = atTenant(destination, undefined, { tenant: 'acme' }).tokenService;
    expect([url.pathname, url.searchParams.get('q')]).toEqual(['/acme', 'a&b{c}']);
  });

  test('and so into the audience of client assertions and the recipient of SAML assertions, unless those are given', async () => {
    const key = { 'clientAssertion.KeyStoreLocation': 'ship.p12', 'clientAssertion.KeyStorePassword': 'x' };
    const saml = {
      Authentication: 'OAuth2SAMLBearerAssertion' as const,
      tokenServiceURLType: 'Common',
      tokenServiceURL: 'https://idp.example/{tenant}/token',
      clientKey: 'KEY',
      audience: 'a',
      KeyStoreLocation: 'ship.p12',
      KeyStorePassword: 'x',
      ...key,
    };
    const here = atTenant(await destinationOf(saml, { keyStores }), of('acme'), {});
    const there = 'https://idp.example/acme/token';
    expect(here.tokenService.clientAuthentication).toMatchObject({ assertion: { audience: there } });
    expect(here.saml?.recipient).toBe(there);
    const given = { 'clientAssertion.audience': 'aud', assertionRecipient: 'https://recipient.example' };
    const fixed = atTenant(await destinationOf({ ...saml, ...given }, { keyStores }), of('acme'), {});
    expect(fixed.tokenService.clientAuthentication).toMatchObject({ assertion: { audience: 'aud' } });
    expect(fixed.saml?.recipient).toBe('https://recipient.example');
  });

  test('the same tenant has the same connections, another one others', async () => {
    const destination = await technical('https://idp.example/{tenant}');
    const at = (tenant: string) => atTenant(destination, undefined, { tenant }).tokenService;
    expect(at('acme')).toBe(at('ACME'));
    expect(at('acme')).not.toBe(at('other'));
  });
});

describe('a token exchange is of no tenant (section 2.3)', () => {
  const exchange = { Authentication: 'OAuth2TokenExchange' as const, ...common };

  test('its address stays as it stands, which is told', async () => {
    const raw = { ...exchange, tokenServiceURL: 'https://idp.example/oauth/token' };
    const { tokenService } = atTenant(await destinationOf(raw), of('acme'), {});
    expect(tokenService.url.href).toBe('https://idp.example/oauth/token');
    const { warnings } = await parse({ Name: 'x', URL: 'https://x.example', ...raw });
    expect(warnings).toEqual([expect.stringContaining('tokenServiceURLType: has no effect')]);
  });

  test('unless it has a place for one', async () => {
    const raw = { ...exchange, tokenServiceURL: 'https://idp.example/{tenant}/token' };
    expect(atTenant(await destinationOf(raw), of('acme'), {}).tokenService.url.pathname).toBe('/acme/token');
  });
});

describe('which tenant', () => {
  const address = 'https://{tenant}.idp.example/token';
  const issuerOf = (subdomain: string) => `https://${subdomain}.authentication.eu10.hana.ondemand.com/oauth/token`;
  const configured = { 'tokenServiceURL.tenant': 'home' };
  const hostFor = (user: User | undefined, input: FlowInput, destination: Awaited<ReturnType<typeof technical>>) =>
    atTenant(destination, user, input).tokenService.url.hostname.split('.')[0];

  test.each<[string, User | undefined, FlowInput, object, string]>([
    ["a user's: that of the token", of('acme'), {}, {}, 'acme'],
    ["a user's, though another is configured", of('acme'), {}, configured, 'acme'],
    ['the claim may stand on top', userWith('t', { zdn: 'acme' }), {}, {}, 'acme'],
    ['else XSUAA’s issuer names it', userWith('t', { iss: issuerOf('acme') }), {}, configured, 'acme'],
    ['and less than the claim does', userWith('t', { iss: issuerOf('x'), ext_attr: { zdn: 'acme' } }), {}, {}, 'acme'],
    ['another issuer names none', userWith('t', { iss: 'https://acme.accounts.ondemand.com' }), {}, configured, 'home'],
    ['one whose token names none: the configured', userWith('t'), {}, configured, 'home'],
    ["a client's: the one asked for", undefined, { tenant: 'acme' }, configured, 'acme'],
    ['else the configured', undefined, {}, configured, 'home'],
  ])('%s', async (_, user, input, more, expected) => {
    expect(hostFor(user, input, await technical(address, more))).toBe(expected);
  });

  test.each<[string, User | undefined, FlowInput, string]>([
    ['a client that names none', undefined, {}, 'the call is for no tenant in particular'],
    ['a user whose token names none', userWith('t'), {}, "the user's token names no tenant"],
    ['a user for whom the caller names one', userWith('t'), { tenant: 'acme' }, "the user's token names no tenant"],
    ['claims that are no text', userWith('t', { ext_attr: { zdn: 7 } }), {}, "the user's token names no tenant"],
    ['no claims at all', userWith('t', { ext_attr: null }), {}, "the user's token names no tenant"],
  ])('%s gets no token, and is told what to set', async (_, user, input, expected) => {
    const destination = await technical(address);
    expect(() => atTenant(destination, user, input)).toThrow(
      expect.objectContaining({
        code: 'ERR_CREDENTIAL',
        status: 502,
        message: expect.stringContaining(expected),
        hint: expect.stringContaining('Set tokenServiceURL.tenant'),
      }),
    );
  });

  test.each(['evil.test/', 'a.b', 'evil@x', '../x', 'a b', '', 'a'.repeat(64), '-a', 'ä', 'x#'])(
    'a name that would lead elsewhere is refused: %j',
    async (tenant) => {
      const destination = await technical(address);
      expect(() => atTenant(destination, undefined, { tenant })).toThrow(/is no subdomain|no tenant in particular/);
      expect(() => atTenant(destination, of(tenant), {})).toThrow(/is no subdomain|names no tenant/);
    },
  );

  test('a destination of one tenant takes no other', async () => {
    const destination = await technical('https://idp.example/token', { tokenServiceURLType: 'Dedicated' });
    expect(() => atTenant(destination, undefined, { tenant: 'acme' })).toThrow(/is of one tenant/);
    expect(atTenant(destination, of('acme'), {})).toBe(destination);
  });
});

describe('tokens of tenants are not mixed (T-16)', () => {
  test('nor are those of users who look alike', async () => {
    const { tokens, asked } = askedTokens();
    const destination = await named('https://{tenant}.idp.example/token');
    const users = [of('acme'), of('beta'), of('acme'), of('gamma')];
    const got = await Promise.all(users.map((user) => tokens.obtain(destination, user)));
    expect(got[0]).toEqual(got[2]);
    expect(new Set(got.map((credential) => JSON.stringify(credential))).size).toBe(3);
    expect(asked.map(({ tokenService, fields }) => [tokenService.url.hostname, fields['assertion']])).toEqual([
      ['acme.idp.example', 'token of acme'],
      ['beta.idp.example', 'token of beta'],
      ['gamma.idp.example', 'token of gamma'],
    ]);
  });

  test('nor are those of clients for different tenants', async () => {
    const { tokens, asked } = askedTokens();
    const destination = await technical('https://{tenant}.idp.example/token');
    for (const tenant of ['acme', 'beta', 'acme']) await tokens.obtain(destination, anonymous, { input: { tenant } });
    expect(asked.map(({ tokenService }) => tokenService.url.hostname)).toEqual([
      'acme.idp.example',
      'beta.idp.example',
    ]);
  });
});

describe('at start', () => {
  const raw = { Name: 'n', URL: 'https://n.example', Authentication: 'OAuth2ClientCredentials', ...common };

  test('a client without a tenant is warned about: its routes would be refused', async () => {
    const tokenServiceURL = 'https://idp.example/token';
    expect((await parse({ ...raw, tokenServiceURL })).warnings).toEqual([
      expect.stringContaining('d.json/0/tokenServiceURLType: Common needs a tenant'),
    ]);
    expect(await parse({ ...raw, tokenServiceURL, 'tokenServiceURL.tenant': 'acme' })).toMatchObject({
      problems: [],
      warnings: [],
    });
  });

  test('a tenant for one address has no effect, and one that is no subdomain is refused', async () => {
    const dedicated = { ...raw, tokenServiceURLType: 'Dedicated', tokenServiceURL: 'https://idp.example/token' };
    expect((await parse({ ...dedicated, 'tokenServiceURL.tenant': 'acme' })).warnings).toEqual([
      expect.stringContaining('tokenServiceURL.tenant: has no effect'),
    ]);
    expect((await parse({ ...dedicated, 'tokenServiceURL.tenant': 'a/b' })).problems).toEqual([
      expect.stringContaining('tokenServiceURL.tenant: must be a subdomain'),
    ]);
  });

  test.each(['http://idp.example/{tenant}', '{tenant}', 'https://u:{tenant}@idp.example/'])(
    '%s is judged like any address',
    async (tokenServiceURL) => {
      const { problems } = await parse({ ...raw, tokenServiceURL, 'tokenServiceURL.tenant': 'acme' });
      expect(problems).toEqual([expect.stringContaining('d.json/0/tokenServiceURL: must')]);
    },
  );
});
