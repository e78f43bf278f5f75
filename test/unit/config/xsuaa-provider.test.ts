import { describe, expect, test } from 'vitest';
import type { Binding } from '../../../src/config/binding.ts';
import { xsuaaProvider } from '../../../src/config/xsuaa-provider.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

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

function read(bindings: readonly Binding[], variables: Record<string, string> = {}) {
  const problems = new Problems();
  const provider = xsuaaProvider(bindings, { get: (name) => variables[name] }, problems);
  return { provider, problems: problemLines(problems) };
}

describe('the XSUAA binding (xs-app.md 1.1)', () => {
  test('gives the provider', () => {
    expect(read([binding()])).toEqual({
      problems: [],
      provider: {
        kind: 'xsuaa',
        name: 'xsuaa',
        url: new URL('https://zone.login.example'),
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
    expect(read([binding()], { UAA_SERVICE_NAME: 'mine' })).toEqual({
      provider: undefined,
      problems: ['UAA_SERVICE_NAME: names "mine", but no such service is bound'],
    });
  });

  test('none is bound: none is there', () => {
    expect(read([])).toEqual({ provider: undefined, problems: [] });
    expect(read([binding({ label: 'other', tags: ['sql'] })])).toEqual({ provider: undefined, problems: [] });
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

  test('plain http on this machine is accepted', () => {
    const { provider } = read([binding({ credentials: { ...credentials, url: 'http://localhost:8080' } })]);
    expect(provider?.url.href).toBe('http://localhost:8080/');
  });
});
