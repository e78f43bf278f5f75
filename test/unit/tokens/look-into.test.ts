import { describe, expect, test } from 'vitest';
import { lookAtCredential, lookAtForm, lookInto } from '../../../src/tokens/look-into.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${encode({ alg: 'RS256', kid: '1' })}.${encode({ sub: 's' })}.c2lnbmF0dXJl`;
const xml = (prefix: string) =>
  `<saml2:Assertion ID="_1"><${prefix}SignatureValue Id="x">c2VjcmV0\n<!-- c2VjcmV0 -->c2VjcmV0</${prefix}SignatureValue><saml2:Subject>mara</saml2:Subject></saml2:Assertion>`;

describe('what a token says', () => {
  test('of a JWT header and claims, and no signature', () => {
    expect(lookInto(jwt)).toEqual({ kind: 'jwt', header: { alg: 'RS256', kid: '1' }, claims: { sub: 's' } });
  });

  test.each(['base64', 'base64url'] as const)(
    'of an assertion in %s its XML without the signature’s value',
    (encoding) => {
      for (const prefix of ['ds:', '', 'dsig:']) {
        const looked = lookInto(Buffer.from(xml(prefix)).toString(encoding));
        expect(looked.kind).toBe('saml');
        expect(JSON.stringify(looked)).toContain('mara');
        expect(JSON.stringify(looked)).not.toContain('c2Vj');
      }
    },
  );

  test('of a response around an assertion, too', () => {
    const text = `<?xml version="1.0"?><samlp:Response>${xml('ds:')}${xml('ds:')}</samlp:Response>`;
    const looked = lookInto(Buffer.from(text).toString('base64'));
    expect(looked.kind).toBe('saml');
    expect(JSON.stringify(looked)).not.toContain('c2Vj');
  });

  test.each([
    '',
    'opaque',
    'a.b.c',
    'a.b',
    `${jwt}.more.parts`,
    Buffer.from('user:secret').toString('base64'),
    Buffer.from('<a>secret</a>').toString('base64'),
  ])('of %j nothing', (token) => expect(lookInto(token)).toEqual({ kind: 'opaque' }));
});

test('of a form plain fields are shown as they are, others only where they can be decoded', () => {
  const body = new URLSearchParams({ grant_type: 'g', client_secret: 'hush', assertion: jwt, own: 'field' }).toString();
  expect(lookAtForm(body, (name) => name === 'grant_type')).toEqual([
    { name: 'grant_type', kind: 'plain', value: 'g' },
    { name: 'client_secret', kind: 'decoded', value: { kind: 'opaque' } },
    {
      name: 'assertion',
      kind: 'decoded',
      value: { kind: 'jwt', header: { alg: 'RS256', kid: '1' }, claims: { sub: 's' } },
    },
    { name: 'own', kind: 'decoded', value: { kind: 'opaque' } },
  ]);
});

test('of a credential its header and scheme, and what the token says', () => {
  expect(lookAtCredential({ kind: 'none' })).toEqual({ kind: 'none' });
  const bearer = lookAtCredential({ kind: 'header', name: 'authorization', value: `Bearer ${jwt}` });
  expect(bearer).toMatchObject({
    name: 'authorization',
    scheme: 'Bearer',
    value: { kind: 'jwt', claims: { sub: 's' } },
  });
  const basic = lookAtCredential({ kind: 'header', name: 'authorization', value: 'Basic dXNlcjpzZWNyZXQ=' });
  expect(basic).toEqual({ kind: 'header', name: 'authorization', scheme: 'Basic', value: { kind: 'opaque' } });
  const bare = lookAtCredential({ kind: 'header', name: 'x-api-key', value: 'hush' });
  expect(bare).toEqual({ kind: 'header', name: 'x-api-key', scheme: '', value: { kind: 'opaque' } });
});
