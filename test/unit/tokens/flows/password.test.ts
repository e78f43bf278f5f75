import { expect, test } from 'vitest';
import { anonymous } from '../../../../src/authorization/principal.ts';
import { askedTokens, shown } from '../support/asked.ts';
import { destinationOf } from '../support/destination-of.ts';
import { userWith } from '../support/principal-of.ts';

test("a technical user's name and password become one token for everybody (RFC 6749 4.3)", async () => {
  const { tokens, asked } = askedTokens();
  const destination = await destinationOf({
    Authentication: 'OAuth2Password',
    clientId: 'c',
    tokenServiceURL: 'https://login.example/token',
    User: 'robot',
    Password: 'p&q',
  });
  expect(await tokens.obtain(destination, anonymous)).toEqual(shown('1'));
  expect(await tokens.obtain(destination, userWith('token-of-alice'))).toEqual(shown('1'));
  expect(asked.map(({ fields }) => fields)).toEqual([{ grant_type: 'password', username: 'robot', password: 'p&q' }]);
});
