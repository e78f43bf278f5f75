import { describe, expect, test } from 'vitest';
import { parse } from '../tokens/support/destination-of.ts';

const minimal = { name: 'hm', url: 'https://hm.example' };

/** How a value refers to an environment variable. */
const variable = (name: string) => ['$', '{env:', name, '}'].join('');

async function problemsOf(raw: object): Promise<readonly string[]> {
  const { destination, problems } = await parse({ ...raw });
  expect(destination === undefined, 'refused exactly when there are problems').toBe(problems.length > 0);
  return problems;
}

describe("the approuter's format", () => {
  test('name and url are enough; everything else has its default', async () => {
    const { destination, problems, warnings } = await parse(minimal);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(destination).toMatchObject({
      name: 'hm',
      authentication: 'NoAuthentication',
      forwardAuthToken: false,
      timeout: 30_000,
      setXForwardedHeaders: true,
      preserveHostHeader: false,
      dynamic: false,
      headers: {},
      queries: {},
      tls: { verify: true, trust: [] },
      proxy: undefined,
    });
    expect(destination?.url.href).toBe('https://hm.example/');
  });

  test('every property of the reference is understood', async () => {
    const { destination, warnings } = await parse({
      ...minimal,
      forwardAuthToken: true,
      timeout: 12000,
      setXForwardedHeaders: false,
      strictSSL: false,
      proxyHost: 'proxy.example',
      proxyPort: '8081',
      forwardAuthCertificates: false,
    });
    expect(destination).toMatchObject({
      forwardAuthToken: true,
      timeout: 12_000,
      setXForwardedHeaders: false,
      tls: { verify: false },
      proxy: { host: 'proxy.example', port: 8081 },
    });
    expect(warnings).toEqual(['d.json/0/strictSSL: any certificate of the target is accepted; never in production']);
  });

  test('may hold any property of the Destination service', async () => {
    const { destination } = await parse({
      ...minimal,
      Authentication: 'BasicAuthentication',
      User: 'u',
      Password: 'p',
    });
    expect(destination).toMatchObject({ authentication: 'BasicAuthentication', user: 'u', password: 'p' });
  });
});

describe("the Destination service's format", () => {
  test('values are texts, in any letter case where they are truths', async () => {
    const { destination, problems, warnings } = await parse({
      Name: 'orders',
      Type: 'HTTP',
      URL: 'https://orders.example/base/',
      ProxyType: 'Internet',
      Authentication: 'NoAuthentication',
      Description: 'free text',
      WebIDEUsage: 'odata_abap',
      'HTML5.ForwardAuthToken': 'TRUE',
      'HTML5.Timeout': '500',
      'HTML5.PreserveHostHeader': 'true',
      'HTML5.DynamicDestination': 'True',
      'HTML5.SetXForwardedHeaders': 'FALSE',
      'sap-client': '100',
      'URL.headers.APIKey': 'k',
      'URL.queries.lang': 'de',
      owner: { SubaccountId: 's', InstanceId: null },
      authTokens: [{ value: 'x' }],
    });
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(destination).toMatchObject({
      forwardAuthToken: true,
      timeout: 500,
      preserveHostHeader: true,
      dynamic: true,
      setXForwardedHeaders: false,
      headers: { 'sap-client': '100', apikey: 'k' },
      queries: { lang: 'de' },
    });
    expect(destination?.url.href).toBe('https://orders.example/base');
  });

  test.each([
    ['ws://h.example/x', 'http://h.example/x'],
    ['wss://h.example/x', 'https://h.example/x'],
    ['http://h.example:8080', 'http://h.example:8080/'],
  ])('%s is reached at %s', async (written, reached) => {
    const { destination } = await parse({ Name: 'n', URL: written });
    expect(destination?.url.href).toBe(reached);
  });

  test('without Authentication, User and Password mean Basic', async () => {
    const { destination } = await parse({ ...minimal, User: 'u', Password: 'p' });
    expect(destination?.authentication).toBe('BasicAuthentication');
  });

  test('an empty value is no value, as exports write it', async () => {
    const { destination, problems } = await parse({
      ...minimal,
      User: '',
      Password: '',
      proxyHost: '',
      TrustStoreLocation: '',
    });
    expect(problems).toEqual([]);
    expect(destination?.authentication).toBe('NoAuthentication');
  });
});

describe('a destination is frozen, and known by its fingerprint', () => {
  test('all the way down', async () => {
    const { destination } = await parse({ ...minimal, 'URL.headers.a': 'b' });
    expect(Object.isFrozen(destination)).toBe(true);
    expect(Object.isFrozen(destination?.headers)).toBe(true);
    expect(Object.isFrozen(destination?.tls.trust)).toBe(true);
  });

  test('the order of properties and their JSON type do not matter', async () => {
    const [one, other] = await Promise.all([
      parse({ name: 'hm', url: 'https://hm.example', timeout: 5 }),
      parse({ timeout: '5', url: 'https://hm.example', name: 'hm' }),
    ]);
    expect(one.destination?.fingerprint).toBe(other.destination?.fingerprint);
    expect(one.destination?.fingerprint).toMatch(/^[\w-]{43}$/);
  });

  test('any property does, free text included, and so does what an environment variable holds', async () => {
    const secret = { ...minimal, Authentication: 'BasicAuthentication', User: 'u', Password: variable('P') };
    const fingerprints = await Promise.all([
      parse(minimal),
      parse({ ...minimal, Description: 'x' }),
      parse({ ...minimal, Description: 'y' }),
      parse({ ...minimal, timeout: 5 }),
      parse(secret, { variables: { P: 'one' } }),
      parse(secret, { variables: { P: 'two' } }),
    ]);
    expect(new Set(fingerprints.map(({ destination }) => destination?.fingerprint)).size).toBe(6);
  });
});

describe('a reference to an environment variable is replaced', () => {
  test('anywhere in a value', async () => {
    const raw = { Name: 'n', URL: `https://${variable('HOST')}/x`, User: 'u', Password: variable('SECRET') };
    const { destination } = await parse(raw, { variables: { HOST: 'h.example', SECRET: `a$&b${variable('HOST')}` } });
    expect(destination?.url.href).toBe('https://h.example/x');
    expect(destination).toMatchObject({ password: `a$&b${variable('HOST')}` });
  });

  test('a missing variable is named once, and nothing else is complained about', async () => {
    expect(
      await problemsOf({ Name: 'n', URL: `https://${variable('HOST')}/x`, 'HTML5.Timeout': variable('T') }),
    ).toEqual([
      'd.json/0/URL: the environment variable HOST is not set; set it, or write the value here',
      'd.json/0/HTML5.Timeout: the environment variable T is not set; set it, or write the value here',
    ]);
  });
});

describe('what is wrong is told with the cure, all of it at once', () => {
  test.each<[object, string]>([
    [{ url: 'https://h' }, 'd.json/0/name: is missing; give the name that routes use'],
    [{ name: 'n' }, 'd.json/0/url: is missing; give the base URL of the target'],
    [{ Name: 'n' }, 'd.json/0/URL: is missing; give the base URL of the target'],
    [{ Name: 'n', Url: 'https://h' }, 'd.json/0/URL: is missing; write "Url", which nothing reads, as URL'],
    [{ Nme: 'n', URL: 'https://h' }, 'd.json/0/Name: is missing; write "Nme", which nothing reads, as Name'],
    [{ name: 'n', ulr: 'https://h' }, 'd.json/0/url: is missing; write "ulr", which nothing reads, as url'],
    [{ ...minimal, name: 'a/b' }, 'd.json/0/name: must consist of letters'],
    [{ ...minimal, name: '..' }, 'd.json/0/name: must consist of letters'],
    [{ ...minimal, name: 'a$1' }, 'd.json/0/name: must consist of letters'],
    [{ ...minimal, url: 'hm.example' }, 'd.json/0/url: must be an absolute URL such as https://host.example/path'],
    [{ ...minimal, url: 'ftp://hm.example' }, 'd.json/0/url: must be an absolute URL'],
    [{ ...minimal, url: 'https:/hm.example' }, 'd.json/0/url: must be an absolute URL'],
    [{ ...minimal, url: 'https:///hm.example' }, 'd.json/0/url: must be an absolute URL'],
    [{ ...minimal, url: 'https://hm.example\\x' }, 'd.json/0/url: must be an absolute URL'],
    [{ ...minimal, url: 'https://hm.exa\nmple' }, 'd.json/0/url: must be an absolute URL'],
    [{ ...minimal, url: 'https://u:p@hm.example' }, 'd.json/0/url: must not hold a user or password'],
    [{ ...minimal, url: 'https://hm.example?' }, 'd.json/0/url: must not have a query (?…); use URL.queries.<name>'],
    [{ ...minimal, url: 'https://hm.example#' }, 'd.json/0/url: must not have a fragment'],
    [{ ...minimal, timeout: 0 }, 'd.json/0/timeout: must be a whole number from 1'],
    [{ ...minimal, timeout: 1.5 }, 'd.json/0/timeout: must be a whole number from 1'],
    [{ ...minimal, timeout: 'soon' }, 'd.json/0/timeout: must be a whole number from 1'],
    [{ ...minimal, forwardAuthToken: 'yes' }, 'd.json/0/forwardAuthToken: must be true or false'],
    [{ ...minimal, timeout: [5] }, 'd.json/0/timeout: must be text, a number or a boolean'],
    [{ ...minimal, proxyHost: 'p' }, 'd.json/0/proxyPort: is missing; proxyHost and proxyPort go together'],
    [{ ...minimal, proxyPort: '80' }, 'd.json/0/proxyHost: is missing; proxyHost and proxyPort go together'],
    [{ ...minimal, proxyHost: 'p/x', proxyPort: '80' }, 'd.json/0/proxyHost: must be a host name or address'],
    [{ ...minimal, proxyHost: 'p', proxyPort: '70000' }, 'd.json/0/proxyPort: must be a whole number from 1 to 65535'],
    [{ ...minimal, Type: 'RFC' }, 'd.json/0/Type: only destinations of type HTTP can be forwarded to, not RFC'],
    [{ ...minimal, proxyType: 'OnPremise' }, 'd.json/0/proxyType: OnPremise needs a Cloud Connector'],
    [{ ...minimal, ProxyType: 'Intranet' }, 'd.json/0/ProxyType: must be one of Internet, OnPremise, PrivateLink'],
    [
      { ...minimal, Authentication: 'OAuth2ClientCredential' },
      'd.json/0/Authentication: unknown authentication type; did you mean OAuth2ClientCredentials?',
    ],
    [
      { ...minimal, Authentication: 'constructor' },
      'd.json/0/Authentication: unknown authentication type; supported: NoAuth',
    ],
    [
      { ...minimal, Authentication: 'PrincipalPropagation' },
      'd.json/0/Authentication: PrincipalPropagation goes through a Cloud Connector',
    ],
    [
      { ...minimal, Authentication: 'OAuth2TechnicalUserPropagation' },
      'd.json/0/Authentication: OAuth2TechnicalUserPropagation goes through a Cloud Connector',
    ],
    [
      { ...minimal, Authentication: 'SAPAssertionSSO' },
      'd.json/0/Authentication: SAPAssertionSSO is deprecated and specified nowhere; use SAMLAssertion',
    ],
    [{ ...minimal, Authentication: 'BasicAuthentication', User: 'u' }, 'd.json/0/Password: is missing'],
    [{ ...minimal, User: 'a:b', Password: 'p' }, 'd.json/0/User: must not contain ":"'],
    [
      { ...minimal, User: 'u', Password: 'p', forwardAuthToken: true },
      'd.json/0/forwardAuthToken: goes with NoAuthentication only',
    ],
    [
      { ...minimal, 'HTML5.ForwardAuthToken': 'true', forwardAuthToken: 'false' },
      'd.json/0/forwardAuthToken: says something else than HTML5.ForwardAuthToken',
    ],
    [
      { ...minimal, IASDependencyName: 'x' },
      'd.json/0/IASDependencyName: exchanges the token of a login at IAS, but no service identity is bound',
    ],
    [
      { ...minimal, forwardAuthCertificates: true },
      'd.json/0/forwardAuthCertificates: shows the certificate of the login, but',
    ],
    [{ ...minimal, 'URL.headers.host': 'x' }, 'd.json/0/URL.headers.host: is set by the connection itself'],
    [{ ...minimal, 'URL.headers.a b': 'x' }, 'd.json/0/URL.headers.a b: is not a valid header name'],
    [{ ...minimal, 'URL.headers.a': 'x\r\nx-evil: 1' }, 'd.json/0/URL.headers.a: has a value that no header can carry'],
    [{ ...minimal, 'URL.headers.a': 'x', 'URL.headers.A': 'y' }, 'd.json/0/URL.headers.A: is given twice'],
    [{ ...minimal, 'URL.headers.': 'x' }, 'd.json/0/URL.headers.: lacks a name after the last dot'],
    [
      { ...minimal, forwardAuthToken: true, 'userToken.destinationName': 'd' },
      "d.json/0/userToken.destinationName: goes with types that send the user's token",
    ],
    [{ ...minimal, TrustStoreLocation: 'ca.pem' }, 'd.json/0/TrustStoreLocation: ca.pem is not in'],
  ])('%j', async (raw, expected) => {
    const problems = await problemsOf(raw);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  test('several faults are several problems', async () => {
    expect(await problemsOf({ timeout: 0, Type: 'MAIL', Authentication: 'Nope' })).toHaveLength(5);
  });
});

describe('how long a target is waited for', () => {
  test.each<[object, object]>([
    [{}, { timeout: 30_000, connectTimeout: 10_000, idleTimeout: 300_000 }],
    [
      { 'URL.connectionTimeoutInSeconds': '3', 'URL.socketReadTimeoutInSeconds': 20 },
      { timeout: 20_000, connectTimeout: 3_000, idleTimeout: 20_000 },
    ],
    [
      { 'HTML5.Timeout': 5_000, 'URL.socketReadTimeoutInSeconds': '20' },
      { timeout: 5_000, idleTimeout: 20_000 },
    ],
    // 0 means no end there; here, the longest there is.
    [
      { 'URL.connectionTimeoutInSeconds': '0', 'URL.socketReadTimeoutInSeconds': '0' },
      { timeout: 600_000, connectTimeout: 60_000, idleTimeout: 600_000 },
    ],
  ])('%j', async (told, expected) => {
    expect((await parse({ ...minimal, ...told })).destination).toMatchObject(expected);
  });
});

describe('warnings', () => {
  test.each<[object, string]>([
    [{ ...minimal, Authentification: 'x' }, 'Authentification: has no effect; did you mean Authentication?'],
    [{ ...minimal, 'HTML5.TimeOut': 1 }, 'HTML5.TimeOut: has no effect; did you mean HTML5.Timeout?'],
    [{ ...minimal, fowardAuthToken: true }, 'fowardAuthToken: has no effect; did you mean forwardAuthToken?'],
    [{ ...minimal, 'URL.header.x': 'y' }, 'URL.header.x: has no effect; did you mean URL.headers.?'],
    [{ ...minimal, TrustAll: 'TRUE' }, 'TrustAll: any certificate is accepted, of anybody; never in production'],
    [{ ...minimal, 'HTML5.StrictConnectionMode': 'true' }, 'HTML5.StrictConnectionMode: has no effect'],
    [
      { ...minimal, 'URL.socketReadTimeoutInSeconds': '601' },
      'URL.socketReadTimeoutInSeconds: must be a whole number from 0 to 600; the default is used',
    ],
    [
      { ...minimal, 'URL.connectionTimeoutInSeconds': 'soon' },
      'URL.connectionTimeoutInSeconds: must be a whole number from 0 to 60; 10 is used',
    ],
  ])('%j', async (raw, expected) => {
    const { destination, warnings } = await parse({ ...raw });
    expect(destination).toBeDefined();
    expect(warnings).toEqual([expect.stringContaining(`d.json/0/${expected}`)]);
  });

  test("free text and other types' properties are nobody's typing error", async () => {
    const raw = {
      ...minimal,
      Description: 'x',
      'product.name': 'y',
      clientId: 'z',
      XFSystemName: 'q',
      HostnameVerifier: 'Strict',
    };
    expect((await parse(raw)).warnings).toEqual([]);
  });
});

describe('CSRF tokens of the backend', () => {
  const on = { Name: 'abap', URL: 'https://abap.example/base/', 'csrfToken.fetch': 'true' };

  test.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['/$metadata', '/base/$metadata'],
    ['/sap/x/?sap-client=100', '/base/sap/x/?sap-client=100'],
    ['https://abap.example/elsewhere/?a=b', '/elsewhere/?a=b'],
    ['https://ABAP.example:443/x', '/x'],
  ])('are fetched at %s', async (fetchPath, path) => {
    const { destination, warnings } = await parse({ ...on, 'csrfToken.fetchPath': fetchPath });
    expect([destination?.csrf, warnings]).toEqual([{ path }, []]);
  });

  test('are its clients’ business unless it says so', async () => {
    expect((await parse({ ...on, 'csrfToken.fetch': 'FALSE' })).destination?.csrf).toBeUndefined();
    const { destination, warnings } = await parse({ name: 'a', url: 'https://a.example', 'csrfToken.fetchPath': '/x' });
    expect(destination?.csrf).toBeUndefined();
    expect(warnings).toEqual(['d.json/0/csrfToken.fetchPath: has no effect without csrfToken.fetch = true']);
  });

  test.each([
    'https://other.example/x',
    'http://abap.example/x',
    'https://abap.example:8443/x',
    'https://ada@abap.example/x',
    'token',
    '/with blank',
    '/x#y',
  ])('are not fetched at %s, where the credential would go to somebody else or nowhere', async (fetchPath) => {
    const problems = await problemsOf({ ...on, 'csrfToken.fetchPath': fetchPath });
    expect(problems).toEqual([expect.stringContaining('d.json/0/csrfToken.fetchPath: must be a path behind the URL')]);
  });

  test('a misspelt property is a warning', async () => {
    const { warnings } = await parse({ name: 'a', url: 'https://a.example', 'csrftoken.fetch': 'true' });
    expect(warnings).toEqual([expect.stringContaining('did you mean csrfToken.fetch?')]);
    expect(await problemsOf({ ...on, 'csrfToken.fetch': 'yes' })).toHaveLength(1);
  });
});
