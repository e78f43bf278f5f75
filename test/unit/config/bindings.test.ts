import { describe, expect, test } from 'vitest';
import { readBindings } from '../../../src/config/bindings.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

function read(vcap: unknown) {
  const problems = new Problems();
  const text = vcap === undefined || typeof vcap === 'string' ? vcap : JSON.stringify(vcap);
  const bindings = readBindings({ get: (name) => (name === 'VCAP_SERVICES' ? text : undefined) }, '/nowhere', problems);
  return { bindings, problems: problemLines(problems) };
}

describe('services bound by the platform, in one shape (xs-app.md 1.1)', () => {
  test('all of them, in order', () => {
    const vcap = {
      xsuaa: [{ label: 'xsuaa', name: 'uaa', tags: ['xsuaa'], credentials: { url: 'u' }, plan: 'application' }],
      'user-provided': [{ name: 'db', credentials: {} }, { name: 'mq' }],
    };
    expect(read(vcap)).toEqual({
      problems: [],
      bindings: [
        { label: 'xsuaa', name: 'uaa', plan: 'application', tags: ['xsuaa'], credentials: { url: 'u' } },
        { label: 'user-provided', name: 'db', tags: [], credentials: {} },
        { label: 'user-provided', name: 'mq', tags: [], credentials: {} },
      ],
    });
  });

  test('what the platform leaves empty as null is as if it were not there', () => {
    const entry = { label: 'xsuaa', name: 'uaa', binding_name: null, volume_mounts: [], syslog_drain_url: null };
    expect(read({ xsuaa: [entry] }).problems).toEqual([]);
    expect(read({ db: [{ label: null, name: null, plan: null, tags: null, credentials: null }] })).toEqual({
      bindings: [{ label: 'db', name: 'db', tags: [], credentials: {} }],
      problems: [],
    });
  });

  test.each([[undefined], ['{}']])('none: %j', (vcap) => {
    expect(read(vcap)).toEqual({ bindings: [], problems: [] });
  });

  test.each([
    ['a list', '[]'],
    ['entries that are no list', '{"xsuaa": {}}'],
    ['an entry that is no object', '{"xsuaa": ["uaa"]}'],
    ['tags that are no list', '{"xsuaa": [{"tags": "xsuaa"}]}'],
    ['no JSON', '{"xsuaa": '],
  ])('%s refuses the start', (_, vcap) => {
    const { bindings, problems } = read(vcap);
    expect(bindings).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    for (const line of problems) expect(line).toMatch(/^VCAP_SERVICES/);
  });

  test('credentials around a fault are not printed', () => {
    expect(read('{"xsuaa": [{"credentials": {"clientsecret": s3cr3t-v4lue}}]}').problems.join()).not.toMatch(/s3cr/);
  });
});
