import { describe, expect, test } from 'vitest';
import { ineffectiveVariables, tellIneffective } from '../../../src/config/ineffective-variables.ts';
import { variables } from '../../../src/config/settings.ts';

const told = (set: readonly string[]) => tellIneffective({ get: (name) => (set.includes(name) ? 'x' : undefined) });

describe('variables that change nothing here are told in one line (xs-app.md section 4)', () => {
  test('those that are set, with the reason', () => {
    expect(told(['PKCE_ENABLED', 'COOKIE_BACKWARD_COMPATIBILITY'])).toBe(
      'set, but without effect: COOKIE_BACKWARD_COMPATIBILITY (there is one way to write cookies), PKCE_ENABLED (PKCE is always on)',
    );
  });

  test('none is set: nothing to tell', () => {
    expect(told([])).toBeUndefined();
    expect(told(['PATH', 'PORT'])).toBeUndefined();
  });

  test('no value is printed', () => {
    expect(tellIneffective({ get: () => 's3cr3t-v4lue' })).not.toContain('s3cr3t');
  });

  test('none of them is one that has an effect', () => {
    const effective = Object.values(variables).map(({ name }) => name as string);
    expect(Object.keys(ineffectiveVariables).filter((name) => effective.includes(name))).toEqual([]);
  });
});
