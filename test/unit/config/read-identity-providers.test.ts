import { describe, expect, test } from 'vitest';
import { issueCertificate } from '../../../demo/landscape/keys/certificate.ts';
import { makeRsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import type { Binding } from '../../../src/config/binding.ts';
import type { IdentityProvider, OidcProvider } from '../../../src/config/identity-provider.ts';
import type { KeyPair } from '../../../src/config/key-store.ts';
import { readIdentityProviders } from '../../../src/config/read-identity-providers.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const keyPair = { fingerprint: 'f', privateKey: { asymmetricKeyType: 'rsa' } } as unknown as KeyPair;
const xsuaa: Binding = {
  label: 'xsuaa',
  name: 'uaa',
  tags: ['xsuaa'],
  credentials: { url: 'https://uaa.example', clientid: 'c', clientsecret: 's', xsappname: 'x' },
};
const entra = { OIDC_ISSUER: 'https://login.example/v2.0', OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush' };

/** What stands in the file for the value of a variable. */
const reference = (name: string) => `\${env:${name}}`;

interface Told {
  readonly variables?: Readonly<Record<string, string>>;
  readonly file?: unknown;
  readonly bindings?: readonly Binding[];
}

async function read({ variables = {}, file, bindings = [] }: Told) {
  const problems = new Problems();
  const asked: unknown[] = [];
  const directory = workingDirectory(file === undefined ? {} : { 'identity-providers.json': file });
  const environment = { get: (name: string) => variables[name] };
  const load = async (name: string, password: string | undefined) => {
    asked.push([name, password]);
    return keyPair;
  };
  const providers = await readIdentityProviders(bindings, environment, directory, load, problems);
  const warnings = problems.warnings.map(({ file: where, message }) => `${where}: ${message}`);
  return { providers, asked, problems: problemLines(problems), warnings };
}

describe('scopes by other claims', () => {
  const crew = { groups: { 'Harbour Crew': '$XSAPPNAME.Viewer', masters: ['Edit', '$XSAPPNAME.Admin'] } };
  const ias: Binding = {
    label: 'identity',
    name: 'ias',
    tags: [],
    credentials: { url: 'https://ias.example', clientid: 'c', clientsecret: 's' },
  };
  const ofAll = (providers: readonly IdentityProvider[]) =>
    providers.map((provider) => (provider.kind === 'xsuaa' ? undefined : provider.scopesOfClaims));
  const asWritten = { groups: { 'Harbour Crew': ['$XSAPPNAME.Viewer'], masters: ['Edit', '$XSAPPNAME.Admin'] } };
  const named = { groups: { 'Harbour Crew': ['x.Viewer'], masters: ['Edit', 'x.Admin'] } };
  const text = JSON.stringify(crew);

  test('as variables, in the file, and beside an IAS binding; each provider has its own', async () => {
    const file = [
      { name: 'staff', ...entra, OIDC_SCOPES_OF_CLAIMS: crew },
      { name: 'partners', ...entra },
    ];
    const variables = { ...entra, OIDC_SCOPES_OF_CLAIMS: text, IAS_SCOPES_OF_CLAIMS: '{"groups":{"a":["A"]}}' };
    const { providers, problems } = await read({ variables, file, bindings: [ias] });
    expect(problems).toEqual([]);
    expect(ofAll(providers)).toEqual([{ groups: { a: ['A'] } }, asWritten, asWritten, undefined]);
  });

  test('$XSAPPNAME is that of the XSUAA that is bound too, as in routes', async () => {
    const variables = { ...entra, OIDC_SCOPES_OF_CLAIMS: text, IAS_SCOPES_OF_CLAIMS: text };
    const { providers } = await read({ variables, bindings: [xsuaa, ias] });
    expect(ofAll(providers)).toEqual([undefined, named, named]);
  });

  test.each([
    '{"groups":',
    '[]',
    '{"groups":["a"]}',
    '{"groups":{"a":7}}',
    '{"groups":{"a":[""]}}',
    '{"groups":{"":"A"}}',
  ])('refused, with where: %s', async (value) => {
    const { problems } = await read({ variables: { ...entra, OIDC_SCOPES_OF_CLAIMS: value } });
    expect(problems).toEqual([expect.stringMatching(/OIDC_SCOPES_OF_CLAIMS.*: must /)]);
    const atIas = await read({ variables: { IAS_SCOPES_OF_CLAIMS: value }, bindings: [ias] });
    expect(atIas.problems).toEqual([expect.stringMatching(/^IAS_SCOPES_OF_CLAIMS.*: must /)]);
  });
});

describe('a provider by OIDC_* variables (design section 3)', () => {
  test('with a secret', async () => {
    const { providers, problems } = await read({ variables: entra });
    expect(problems).toEqual([]);
    expect(providers).toEqual([
      {
        kind: 'oidc',
        name: 'oidc',
        issuer: new URL('https://login.example/v2.0'),
        clientId: 'harbour',
        clientAuthentication: { method: 'client_secret', secret: 'hush' },
        scopes: 'openid profile email offline_access',
        userToken: 'auto',
        audiences: ['harbour', 'api://harbour'],
      },
    ]);
  });

  test('with a key store, whose password goes along', async () => {
    const { OIDC_CLIENT_SECRET: _, ...rest } = entra;
    const variables = { ...rest, OIDC_CLIENT_KEYSTORE: 'key.p12', OIDC_CLIENT_KEYSTORE_PASSWORD: 'pw' };
    const { providers, asked } = await read({ variables });
    expect(asked).toEqual([['key.p12', 'pw']]);
    expect((providers[0] as OidcProvider).clientAuthentication).toEqual({
      method: 'private_key_jwt',
      keyPair,
      algorithm: 'PS256',
      audience: undefined,
    });
  });

  test('whose assertions may be signed and addressed otherwise', async () => {
    const { OIDC_CLIENT_SECRET: _, ...rest } = entra;
    const variables = {
      ...rest,
      OIDC_CLIENT_KEYSTORE: 'key.p12',
      OIDC_CLIENT_ASSERTION_ALGORITHM: 'RS256',
      OIDC_CLIENT_ASSERTION_AUDIENCE: 'https://login.example',
    };
    expect((await read({ variables })).providers).toMatchObject([
      { clientAuthentication: { algorithm: 'RS256', audience: 'https://login.example' } },
    ]);
    expect((await read({ variables: { ...variables, OIDC_CLIENT_ASSERTION_ALGORITHM: 'HS256' } })).problems).toEqual([
      expect.stringContaining('OIDC_CLIENT_ASSERTION_ALGORITHM: must be PS256 or RS256'),
    ]);
  });

  test('with scopes, user token and audiences of its own', async () => {
    const variables = {
      ...entra,
      OIDC_SCOPES: 'openid api://harbour/read',
      OIDC_USER_TOKEN: 'id_token',
      OIDC_AUDIENCES: 'https://harbour.example, other',
    };
    expect((await read({ variables })).providers[0]).toMatchObject({
      scopes: 'openid api://harbour/read',
      userToken: 'id_token',
      audiences: ['harbour', 'api://harbour', 'https://harbour.example', 'other'],
    });
  });

  test('that logs in people of every tenant: told, unless it is said whose', async () => {
    const shared = { ...entra, OIDC_ISSUER: 'https://login.microsoftonline.com/common/v2.0' };
    expect((await read({ variables: shared })).warnings).toEqual([
      'OIDC_ISSUER: lets people of every tenant of Entra ID log in; set OIDC_TENANTS to the ids of yours',
    ]);
    const { providers, warnings } = await read({ variables: { ...shared, OIDC_TENANTS: 'tenant-1, tenant-2' } });
    expect(warnings).toEqual([]);
    expect(providers).toMatchObject([{ tenants: ['tenant-1', 'tenant-2'] }]);
    expect((await read({ variables: entra })).warnings).toEqual([]);
  });

  test('plain http on this machine only', async () => {
    const here = { ...entra, OIDC_ISSUER: 'http://localhost:8080' };
    expect((await read({ variables: here })).problems).toEqual([]);
    const there = { ...entra, OIDC_ISSUER: 'http://login.example' };
    expect((await read({ variables: there })).problems).toEqual([
      'OIDC_ISSUER: must begin with https://; plain http is accepted on loopback only',
    ]);
  });

  test('nothing set, nothing there', async () => {
    expect(await read({})).toMatchObject({ providers: [], problems: [] });
  });
});

describe('what is incomplete or contradicts itself refuses the start', () => {
  test.each<[string, Record<string, string>, RegExp[]]>([
    ['only scopes', { OIDC_SCOPES: 'openid' }, [/^OIDC_ISSUER: is missing/, /^OIDC_CLIENT_ID: is missing/]],
    ['no client id', { OIDC_ISSUER: 'https://x' }, [/^OIDC_CLIENT_ID: is missing/]],
    [
      'no secret and no key store',
      { ...entra, OIDC_CLIENT_SECRET: '' },
      [/^OIDC_CLIENT_SECRET: is missing; set it, or OIDC_CLIENT_KEYSTORE/],
    ],
    [
      'both',
      { ...entra, OIDC_CLIENT_KEYSTORE: 'x.p12' },
      [/^OIDC_CLIENT_SECRET: is set together with OIDC_CLIENT_KEYSTORE/],
    ],
    [
      'an unknown user token',
      { ...entra, OIDC_USER_TOKEN: 'both' },
      [/OIDC_USER_TOKEN: must be auto, access_token or id_token$/],
    ],
    ['an issuer that is no URL', { ...entra, OIDC_ISSUER: 'login.example' }, [/^OIDC_ISSUER: is not an absolute URL$/]],
  ])('%s', async (_, variables, expected) => {
    const { providers, problems } = await read({ variables });
    expect(providers).toEqual([]);
    expect(problems).toEqual(expected.map((line) => expect.stringMatching(line)));
    expect(problems.join()).not.toContain('hush');
  });
});

describe('several providers by identity-providers.json', () => {
  const partner = {
    name: 'partner',
    OIDC_ISSUER: 'https://partner.example',
    OIDC_CLIENT_ID: 'p',
    OIDC_CLIENT_SECRET: 's',
  };

  test('stand behind the binding and the variables', async () => {
    const { providers } = await read({ variables: entra, bindings: [xsuaa], file: [partner] });
    expect(providers.map(({ name, kind }) => [name, kind])).toEqual([
      ['xsuaa', 'xsuaa'],
      ['oidc', 'oidc'],
      ['partner', 'oidc'],
    ]);
  });

  test('no secret need be in the file: a reference to a variable is replaced, whatever the value holds', async () => {
    const secret = 'a"b\\c$&{}\n';
    const file = JSON.stringify([{ ...partner, OIDC_CLIENT_SECRET: reference('PARTNER_SECRET') }]);
    const { providers, problems } = await read({ file, variables: { PARTNER_SECRET: secret } });
    expect(problems).toEqual([]);
    expect((providers[0] as OidcProvider).clientAuthentication).toEqual({ method: 'client_secret', secret });
  });

  test('a variable that is not set is told', async () => {
    const file = [{ ...partner, OIDC_CLIENT_SECRET: reference('PARTNER_SECRET') }];
    const { problems } = await read({ file });
    expect(problems[0]).toMatch(/^identity-providers\.json.*PARTNER_SECRET.*not set/);
  });

  test.each<[string, unknown, RegExp]>([
    ['two of one name', [partner, partner], /^identity-providers\.json.*two providers are named "partner"/],
    ['a name that a variable has', [{ ...partner, name: 'oidc' }], /^identity-providers\.json.*named "oidc"/],
    ['no name', [{ ...partner, name: undefined }], /^identity-providers\.json\/0\/name: /],
    [
      'an unknown property',
      [{ ...partner, OIDC_CLIENTID: 'x' }],
      /^identity-providers\.json\/0\/OIDC_CLIENTID: unknown property; did you mean "OIDC_CLIENT_ID"\?$/,
    ],
    ['an object', partner, /^identity-providers\.json: must be an array/],
    ['no JSON', '[', /^identity-providers\.json: is not valid JSON/],
    [
      'an issuer that is no URL',
      [partner, { ...partner, name: 'b', OIDC_ISSUER: 'x' }],
      /^identity-providers\.json\/1\/OIDC_ISSUER: is not an absolute URL$/,
    ],
    [
      'no secret',
      [{ ...partner, OIDC_CLIENT_SECRET: undefined }],
      /^identity-providers\.json\/0\/OIDC_CLIENT_SECRET: is missing/,
    ],
  ])('%s: told with file and path', async (_, file, line) => {
    const { problems } = await read({ file, variables: { ...entra } });
    expect(problems).toEqual([expect.stringMatching(line)]);
  });

  test('a fault beside a secret that was put in does not print it', async () => {
    const file = `[{"OIDC_CLIENT_SECRET": "${reference('S')}" s3cr3t}]`;
    const { problems } = await read({ file, variables: { S: 'v4lue-v4lue' } });
    expect(problems.join()).not.toMatch(/s3cr|v4lue/);
  });
});

describe('the IAS binding', () => {
  test('service identity gives a provider of kind ias (xs-app.md 1.1, 3.9)', async () => {
    const identity: Binding = {
      label: 'identity',
      name: 'ias',
      tags: [],
      credentials: { url: 'https://tenant.accounts.example', clientid: 'ias-client', clientsecret: 'hush' },
    };
    const { providers, problems } = await read({ bindings: [identity] });
    expect(problems).toEqual([]);
    expect(providers).toMatchObject([
      { kind: 'ias', clientId: 'ias-client', clientAuthentication: { method: 'client_secret', secret: 'hush' } },
    ]);
  });
});

describe('an IAS binding whose certificate was provided to it', () => {
  test('takes the key from IAS_PRIVATE_KEY, line breaks escaped or not', async () => {
    const keys = await makeRsaKeyPair();
    const certificate = issueCertificate({ use: 'client', commonName: 'ias', keys }).replaceAll('\n', '\\n');
    const credentials = { url: 'https://tenant.accounts.example', clientid: 'c', certificate };
    const identity: Binding = { label: 'identity', name: 'ias', tags: [], credentials };
    for (const key of [keys.privatePem, keys.privatePem.replaceAll('\n', '\\n')]) {
      const { providers, problems } = await read({ bindings: [identity], variables: { IAS_PRIVATE_KEY: key } });
      expect(problems).toEqual([]);
      expect(providers).toMatchObject([{ kind: 'ias', clientAuthentication: { method: 'tls_client_auth' } }]);
    }
    expect((await read({ bindings: [identity] })).problems).toEqual([expect.stringMatching(/key: is missing/)]);
  });
});

test('providers cannot be changed', async () => {
  const { providers } = await read({ variables: entra, bindings: [xsuaa] });
  expect(Object.isFrozen(providers) && providers.every((provider) => Object.isFrozen(provider))).toBe(true);
});
