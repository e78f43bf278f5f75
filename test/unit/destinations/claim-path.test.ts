import { expect, test } from 'vitest';
import { parseClaimPath } from '../../../src/destinations/claim-path.ts';

test.each([
  ['email', ['email']],
  ['xs.user.attributes', ['xs.user.attributes']],
  ['https://acme.example/user', ['https://acme.example/user']],
  ['$.mail', ['mail']],
  ['$.ext_attr.mail', ['ext_attr', 'mail']],
  ["$['xs.system.attributes']['xs.saml.groups'][0]", ['xs.system.attributes', 'xs.saml.groups', '0']],
  ['$["a"].b', ['a', 'b']],
])('%s leads to %j', (text, steps) => {
  expect(parseClaimPath(text)).toEqual(steps);
});

test.each(['$', '$.', '$..mail', '$.*', '$.a[*]', '$.a[?(@.b)]', '$mail', '$.a b'])('%s is refused', (text) => {
  expect(parseClaimPath(text)).toBeUndefined();
});
