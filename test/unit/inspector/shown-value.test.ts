import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { shownPath, shownText, shownValue } from '../../../src/inspector/shown-value.ts';

const jwt = `${encode({ alg: 'RS256' })}.${encode({ sub: 'somebody', scope: 'all' })}.${randomBytes(32).toString('base64url')}`;
function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('nothing that could be used is shown, wherever it hides', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----';
  const assertion = Buffer.from('<saml2:Assertion>who</saml2:Assertion>').toString('base64');
  const hidden: readonly (readonly [what: string, name: string, value: unknown, secret: string])[] = [
    ['a token in a claim', 'upstream', jwt, jwt.slice(30, 60)],
    ['a token in a list in a claim', 'chain', [{ inner: [jwt] }], jwt.slice(30, 60)],
    ['an encrypted token', 'enc', `${encode({ alg: 'dir' })}..aXZpdml2aXY.Y2lwaGVydGV4dA.dGFn`, 'Y2lwaGVydGV4dA'],
    ['a token within a sentence', 'note', `use ${jwt} please`, jwt.slice(30, 60)],
    ['XSUAA’s assertion in a token', 'hdb.nameduser.saml', assertion, assertion.slice(0, 20)],
    ['a private key', 'comment', pem, 'MIIEvQIBADAN'],
    ['what calls itself a secret', 'client_secret', 'hunter2hunter2', 'hunter2'],
    ['what calls itself a token', 'xs.refresh_token', 'r3fr3sh', 'r3fr3sh'],
    ['what stands below a secret', 'secrets', { of: { all: 'hunter2' } }, 'hunter2'],
    ['UAA’s id of a token, which may be as good as it', 'jti', '0123456789abcdef0123456789abcdef', '0123456789'],
    ['a short one, too', 'nonce', 'abcd', 'abcd'],
    ['the id of a session', 'sid', 'S-0123456789', 'S-0123456789'],
    ['random text as long as a key', 'x', randomBytes(64).toString('hex'), ''],
  ];
  test.each(hidden)('%s', (_what, name, value, secret) => {
    const shown = shownValue(name, value);
    expect(shown).toContain('…');
    if (secret !== '') expect(shown).not.toContain(secret);
  });
});

describe('what people look for is shown', () => {
  const plain: readonly (readonly [name: string, value: unknown])[] = [
    ['sub', 'QdAomyS0PwsnOQG9diHvugaSuUhbrdkFRwNWJf6wUbA'],
    ['oid', '0d9c4e7b-7a61-4a0e-8f0f-52b3c1d4e502'],
    ['aud', ['https://graph.microsoft.com', 'sb-harbour!t7']],
    ['exp', 1_795_280_583],
    ['scp', 'User.Read Mail.Read'],
    ['cnf', { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }],
    ['xs.user.attributes', { costCenter: ['4711'] }],
    ['email_verified', true],
    ['nothing', null],
  ];
  test.each(plain)('%s', (name, value) => expect(shownValue(name, value)).toBe(JSON.stringify(value)));
});

describe('a path', () => {
  test.each([
    '/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartnerAddress/to_EmailAddress',
    'GET https://s4.example/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/PurchaseOrder',
    '/files/0d9c4e7b-7a61-4a0e-8f0f-52b3c1d4e502/da39a3ee5e6b4b0d3255bfef95601890afd80709',
  ])('is shown as long as its parts are names: %s', (path) => expect(shownPath(path)).toBe(path));

  test.each([
    ['a token', jwt],
    ['random text as long as a key', randomBytes(32).toString('hex')],
    ['a longer one', randomBytes(64).toString('base64url')],
  ])('is shown without %s in it', (_, secret) => {
    const shown = shownPath(`/quay/${secret}/7`);
    expect(shown).toBe('/quay/[…]/7');
  });

  test('has an end', () => expect(shownPath('/quay'.repeat(10_000)).length).toBeLessThan(500));
});

test('nobody can make the page large: text, lists and depth have an end', () => {
  expect(shownText('word '.repeat(10_000)).length).toBeLessThan(500);
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
  expect(shownValue('deep', deep(100)).length).toBeLessThan(40);
  expect(JSON.parse(shownValue('wide', Array(5_000).fill(1)))).toHaveLength(100);
  expect(
    Object.keys(
      JSON.parse(shownValue('many', Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i])))),
    ),
  ).toHaveLength(100);
});
