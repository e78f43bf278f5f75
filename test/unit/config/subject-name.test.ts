import { describe, expect, test } from 'vitest';
import { parseSubject } from '../../../src/config/subject-name.ts';

const told = (text: string) => {
  const subject = parseSubject(text);
  return typeof subject === 'string' ? subject : subject.map(({ type, value }) => `${type}:${value}`);
};

describe('a subject', () => {
  test.each([
    ['CN=portunus', ['CN:portunus']],
    ['portunus of the harbour', ['CN:portunus of the harbour']],
    ['cn = portunus , O = Acme, C=DE', ['CN:portunus', 'O:Acme', 'C:DE']],
    ['/CN=portunus/O=Acme, Inc.', ['CN:portunus', 'O:Acme, Inc.']],
    ['CN=a,O=Acme\\, Inc.', ['CN:a', 'O:Acme, Inc.']],
    ['CN=https://cfapps.eu10.hana.ondemand.com/sub=1', ['CN:https://cfapps.eu10.hana.ondemand.com/sub=1']],
    ['CN=a,emailAddress=a@acme.example', ['CN:a', 'E:a@acme.example']],
    ['O=Acme', 'exactly one CN is needed'],
    ['CN=a,CN=b', 'exactly one CN is needed'],
    ['CN=a,X=b', '"X=b" is none of CN=, O=, OU=, L=, ST=, C=, E='],
    ['CN=', 'CN must have 1 to 64 characters'],
    ['', 'CN must have 1 to 64 characters'],
    [`CN=${'a'.repeat(65)}`, 'CN must have 1 to 64 characters'],
    ['CN=a\nb', 'CN must have no control characters'],
    ['CN=a,C=Germany', 'C must have 1 to 2 characters'],
    ['CN=a,C=de', 'C must be two capital letters, such as DE'],
  ])('%j', (text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});
