import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Binding } from '../../../src/config/binding.ts';
import { xsuaaProvider } from '../../../src/config/xsuaa-provider.ts';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { makeKeyStores } from '../tokens/support/openssl.ts';

const credentials = {
  url: 'https://zone.login.example',
  clientid: 'sb-harbour!t7',
  clientsecret: 'hush',
  xsappname: 'harbour!t7',
  identityzone: 'zone',
};
const binding = (told: Partial<Binding> = {}): Binding => ({
  label: 'xsuaa',
  name: 'uaa',
  tags: ['xsuaa'],
  credentials,
  ...told,
});

/** Valid for a week, as the platform makes them by default. */
function withCertificate() {
  const maker = makeKeyStores();
  maker.selfSigned('ship', { days: 7 });
  const read = (name: string) => readFileSync(path.join(maker.directory, name), 'utf8');
  const made = { certificate: read('ship.crt.pem'), key: read('ship.key.pem') };
  maker.remove();
  return { ...made, certurl: 'https://zone.cert.login.example' };
}

function read(bindings: readonly Binding[], variables: Record<string, string> = {}) {
  const problems = new Problems();
  const provider = xsuaaProvider(bindings, { get: (name) => variables[name] }, problems);
  return { provider, problems: problemLines(problems), warned: problems.warnings.map(tellProblem) };
}

describe('the XSUAA binding (xs-app.md 1.1)', () => {
  test('gives the provider', () => {
    expect(read([binding()])).toEqual({
      problems: [],
      warned: [],
      provider: {
        kind: 'xsuaa',
        name: 'xsuaa',
        url: new URL('https://zone.login.example'),
        certUrl: undefined,
        clientId: 'sb-harbour!t7',
        clientAuthentication: { method: 'client_secret', secret: 'hush' },
        xsappname: 'harbour!t7',
        zone: 'zone',
      },
    });
  });

  test('is the one with the tag, whatever it is called', () => {
    const others = [binding({ label: 'other', name: 'db', tags: [] }), binding({ label: 'user-provided', name: 'x' })];
    expect(read(others).provider?.clientId).toBe('sb-harbour!t7');
  });

  test('or the one that UAA_SERVICE_NAME names', () => {
    const mine = binding({
      name: 'mine',
      tags: [],
      label: 'user-provided',
      credentials: { ...credentials, clientid: 'mine' },
    });
    expect(read([binding(), mine], { UAA_SERVICE_NAME: 'mine' }).provider?.clientId).toBe('mine');
  });

  test('a name that is not bound refuses the start', () => {
    expect(read([binding()], { UAA_SERVICE_NAME: 'mine' })).toMatchObject({
      provider: undefined,
      problems: ['UAA_SERVICE_NAME: names "mine", but no such service is bound; bound: uaa (xsuaa)'],
    });
  });

  test('none is bound: none is there', () => {
    expect(read([])).toMatchObject({ provider: undefined, problems: [] });
    expect(read([binding({ label: 'other', tags: ['sql'] })])).toMatchObject({ provider: undefined, problems: [] });
  });
});

describe('a binding with a certificate (credential-type x509, token-flows.md D6)', () => {
  test('shows it at certurl, whatever line breaks its PEM came with', () => {
    const { certificate, key, certurl } = withCertificate();
    const flat = { certificate: certificate.replaceAll('\n', '\\n'), key: key.replaceAll('\n', '\\n') };
    const { clientsecret: _, ...rest } = credentials;
    const { provider, problems, warned } = read([binding({ credentials: { ...rest, ...flat, certurl } })]);
    expect(problems).toEqual([]);
    expect(provider).toMatchObject({
      url: new URL('https://zone.login.example'),
      certUrl: new URL('https://zone.cert.login.example'),
      clientAuthentication: { method: 'tls_client_auth', keyPair: { commonName: 'ship' } },
    });
    expect(warned).toEqual([expect.stringMatching(/credentials\/certificate: the certificate expires in \d days?/)]);
  });
});

describe('credentials that cannot be used refuse the start, with binding and property', () => {
  const at = 'VCAP_SERVICES/xsuaa/uaa/credentials';

  test.each([
    ['url', undefined, /is missing/],
    ['clientid', undefined, /is missing/],
    ['clientsecret', undefined, /is missing/],
    ['xsappname', undefined, /is missing/],
    ['url', 'http://zone.login.example', /must begin with https/],
    ['url', 'zone.login.example', /is not an absolute URL/],
    ['url', 'https://user:pass@zone.login.example', /must not hold user or password/],
  ])('%s: %s', (property, value, message) => {
    const { provider, problems } = read([binding({ credentials: { ...credentials, [property]: value } })]);
    expect(provider).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${at}/${property}: `));
    expect(problems[0]).toMatch(message);
    expect(problems[0]).not.toMatch(/hush|pass@/);
  });

  test.each([
    ['certurl', { certurl: undefined }, /is missing; tokens are asked for there/],
    ['certurl', { certurl: 'http://zone.cert.login.example' }, /must begin with https/],
    ['key', { key: undefined }, /is missing: it is with whoever made the certificate/],
    ['certificate', { certificate: 'no PEM' }, /not PEM|no certificate|cannot be read/],
  ])('with a certificate, %s: %j', (property, told, message) => {
    const { clientsecret: _, ...rest } = credentials;
    const { provider, problems } = read([binding({ credentials: { ...rest, ...withCertificate(), ...told } })]);
    expect(provider === undefined || property === 'certurl').toBe(true);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${at}/${property}: `))]);
    expect(problems[0]).toMatch(message);
  });

  test('plain http on this machine is accepted', () => {
    const { provider } = read([binding({ credentials: { ...credentials, url: 'http://localhost:8080' } })]);
    expect(provider?.url.href).toBe('http://localhost:8080/');
  });
});
