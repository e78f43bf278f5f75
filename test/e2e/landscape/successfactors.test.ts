import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { certify } from '../../../demo/landscape/keys/make-keys.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { colleagues } from '../../../demo/landscape/successfactors/employees.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Answer, type Fields, postForm, readAnswer } from './post-form.ts';
import {
  type AssertionParts,
  assertion,
  assertionXml,
  emailFormat,
  type Signing,
  signAssertion,
} from './saml-assertion.ts';
import { signWithXmlsec } from './sign-with-xmlsec.ts';

let landscape: Landscape;
/** A key of another service: nobody here has it registered. */
let stranger: RsaKeyPair;
beforeAll(async () => {
  landscape = await startLandscape({ successFactors: { pageSize: 2 } });
  stranger = landscape.keys.ias.keys;
});
afterAll(() => landscape.stop());
afterEach(() => landscape.hooks.reset());

const fields = (encoded: string): Fields => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  company_id: landscape.successFactors.companyId,
  client_id: landscape.successFactors.apiKey,
  assertion: encoded,
});

const exchange = (encoded: string, change: Fields = {}) =>
  postForm(landscape.successFactors.tokenUrl, { ...fields(encoded), ...change });

const made = (change: Partial<AssertionParts> = {}, signing: Signing = {}) => assertion(landscape, change, signing);
const encode = (xml: string) => Buffer.from(xml).toString('base64');
const apiKey = () => ({ api_key: landscape.successFactors.apiKey });

async function tokenFor(change: Partial<AssertionParts> = {}): Promise<string> {
  const { body } = await exchange(made(change));
  return String(body['access_token']);
}

/** The assertion of someone else, wrapped around the signed one so that its reference still resolves. */
function wrapped(): string {
  const signed = signAssertion(assertionXml(landscape), landscape);
  const evil = assertionXml(landscape, { nameId: colleagues.director.userId });
  return encode(evil.replace('</saml2:Assertion>', `<saml2:Advice>${signed}</saml2:Advice></saml2:Assertion>`));
}

/** The signature of a genuine assertion moved to another one. */
function transplanted(): string {
  const [signature = ''] =
    /<ds:Signature.*<\/ds:Signature>/s.exec(signAssertion(assertionXml(landscape), landscape)) ?? [];
  const evil = assertionXml(landscape, { nameId: colleagues.director.userId });
  return encode(evil.replace('</saml2:Issuer>', `</saml2:Issuer>${signature}`));
}

/** The signed original inside, its signature moved up: it is the root's child now and its reference still resolves. */
function liftedSignature(change: (evil: string, originalId: string) => string): string {
  const signed = signAssertion(assertionXml(landscape), landscape);
  const [signature = ''] = /<ds:Signature.*<\/ds:Signature>/s.exec(signed) ?? [];
  const [, originalId = ''] = / ID="([^"]+)"/.exec(signed) ?? [];
  const evil = change(assertionXml(landscape, { nameId: colleagues.director.userId }), originalId);
  return encode(
    evil
      .replace('</saml2:Issuer>', `</saml2:Issuer>${signature}`)
      .replace('</saml2:Assertion>', `<saml2:Advice>${signed.replace(signature, '')}</saml2:Advice></saml2:Assertion>`),
  );
}

const unverified = /^Unable to verify the signature of the SAML assertion\./;
const invalidUser = 'Unable to authenticate the client (Login failed - invalid user)';

interface Row {
  readonly row: string;
  readonly defect: string;
  readonly send: () => Promise<Answer>;
  readonly message: RegExp | string;
}

const rows: readonly Row[] = [
  { row: 'H57', defect: 'no assertion', send: () => exchange('', { assertion: undefined }), message: unverified },
  {
    row: 'H57',
    defect: 'an unsigned assertion',
    send: () => exchange(encode(assertionXml(landscape))),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'an assertion changed after signing',
    send: () => exchange(encode(signAssertion(assertionXml(landscape), landscape).replace('>103214<', '>100001<'))),
    message: unverified,
  },
  { row: 'H57', defect: "a stranger's key", send: () => exchange(made({}, { keys: stranger })), message: unverified },
  {
    row: 'H57',
    defect: "a stranger's key with its certificate in KeyInfo",
    send: () => {
      const { certificate } = certify(stranger, { use: 'signing', commonName: 'stranger' });
      return exchange(made({}, { keys: stranger, certificate }));
    },
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'raw XML',
    send: () => exchange(signAssertion(assertionXml(landscape), landscape)),
    message: unverified,
  },
  { row: 'H57', defect: 'base64 that is none', send: () => exchange('%%%'), message: unverified },
  {
    row: 'H57',
    defect: 'base64 with line breaks',
    send: () => exchange(made().replace(/(.{64})/g, '$1\r\n')),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'base64 whose plus signs became spaces',
    send: () => exchange(`${made()} `),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a document type',
    send: () => exchange(encode(`<!DOCTYPE x [<!ENTITY e "y">]>${signAssertion(assertionXml(landscape), landscape)}`)),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a signature wrapped into another assertion',
    send: () => exchange(wrapped()),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a signature moved to another assertion',
    send: () => exchange(transplanted()),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a signature lifted out of an assertion that is wrapped',
    send: () => exchange(liftedSignature((evil) => evil)),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'the same where both assertions have one ID',
    send: () => exchange(liftedSignature((evil, id) => evil.replace(/ ID="[^"]+"/, ` ID="${id}"`))),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a second SignedInfo',
    send: () => {
      const signed = signAssertion(assertionXml(landscape), landscape);
      const [info = ''] = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(signed) ?? [];
      return exchange(encode(signed.replace(info, info + info)));
    },
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'two signatures',
    send: () => {
      const signed = signAssertion(assertionXml(landscape), landscape);
      const [signature = ''] = /<ds:Signature.*<\/ds:Signature>/s.exec(signed) ?? [];
      return exchange(encode(signed.replace(signature, signature + signature)));
    },
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'two assertions',
    send: () => {
      const signed = signAssertion(assertionXml(landscape), landscape);
      return exchange(encode(`<x>${signed}${assertionXml(landscape)}</x>`));
    },
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a signature over the subject only',
    send: () => exchange(made({}, { xpath: "/*/*[local-name(.)='Subject']" })),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'a reference without id',
    send: () => exchange(made({}, { emptyUri: true })),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'SHA-1',
    send: () =>
      exchange(
        made(
          {},
          { signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', digest: 'http://www.w3.org/2000/09/xmldsig#sha1' },
        ),
      ),
    message: unverified,
  },
  {
    row: 'H57',
    defect: 'inclusive canonicalization',
    send: () => exchange(made({}, { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' })),
    message: unverified,
  },
  {
    row: 'H58',
    defect: 'a wrong API key as client_id',
    send: () => exchange(made(), { client_id: 'other' }),
    message: /API key/,
  },
  {
    row: 'H58',
    defect: 'a wrong API key as attribute',
    send: () => exchange(made({ attributes: { api_key: 'other' } })),
    message: /API key/,
  },
  {
    row: 'H58',
    defect: 'an API key nowhere',
    send: () => exchange(made({ attributes: {} }), { client_id: undefined }),
    message: /API key/,
  },
  { row: 'H59', defect: 'an unknown user', send: () => exchange(made({ nameId: '999999' })), message: invalidUser },
  {
    row: 'H59',
    defect: 'an employee who has left',
    send: () => exchange(made({ nameId: colleagues.retired.userId })),
    message: invalidUser,
  },
  {
    row: 'H59',
    defect: 'a username without use_username',
    send: () => exchange(made({ nameId: 'mlindqvist' })),
    message: invalidUser,
  },
  {
    row: 'H59',
    defect: 'an e-mail without use_email, whatever the format says',
    send: () => exchange(made({ nameId: users.everywhere.email, format: emailFormat })),
    message: invalidUser,
  },
  {
    row: 'H59',
    defect: 'a user id with use_email',
    send: () => exchange(made({ attributes: { ...apiKey(), use_email: 'true' } })),
    message: invalidUser,
  },
  {
    row: 'H59',
    defect: 'use_email and use_username together',
    send: () =>
      exchange(
        made({ nameId: users.everywhere.email, attributes: { ...apiKey(), use_email: 'true', use_username: 'true' } }),
      ),
    message: invalidUser,
  },
  {
    row: 'H59',
    defect: 'someone of the directory without an employee record',
    send: () =>
      exchange(made({ nameId: users.withoutEmployeeRecord.email, attributes: { ...apiKey(), use_email: 'true' } })),
    message: invalidUser,
  },
  {
    row: 'E2',
    defect: 'an employee as external user',
    send: () => exchange(made({ attributes: { ...apiKey(), external_user: 'true' } })),
    message: invalidUser,
  },
  {
    row: 'H60',
    defect: 'the company in another case',
    send: () => exchange(made(), { company_id: landscape.successFactors.companyId.toLowerCase() }),
    message: 'Company quaysideharbour not found',
  },
  {
    row: 'H60',
    defect: 'no company',
    send: () => exchange(made(), { company_id: undefined }),
    message: /^Company .*not found$/,
  },
  {
    row: 'H61',
    defect: 'an expired assertion',
    send: () => exchange(made({ notOnOrAfter: Date.now() - 1 })),
    message: /expired/,
  },
  {
    row: 'H61',
    defect: 'an assertion of the future',
    send: () => exchange(made({ notBefore: Date.now() + 60_000 })),
    message: /not yet valid/,
  },
  {
    row: 'H61',
    defect: 'a wrong audience',
    send: () => exchange(made({ audience: 'www.example.com' })),
    message: /audience/,
  },
  {
    row: 'H61',
    defect: 'a wrong recipient',
    send: () => exchange(made({ recipient: `${landscape.successFactors.origin}/odata/v2` })),
    message: /recipient/,
  },
  {
    row: 'F3',
    defect: 'a confirmation that is not bearer',
    send: () => exchange(made({ method: 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches' })),
    message: /recipient/,
  },
  { row: 'E2', defect: 'SAML 1.1', send: () => exchange(made({ version: '1.1' })), message: /version/ },
  {
    row: 'E4',
    defect: 'another grant type',
    send: () => exchange(made(), { grant_type: 'client_credentials' }),
    message: /grant type/,
  },
  {
    row: 'E4',
    defect: 'no grant type',
    send: () => exchange(made(), { grant_type: undefined }),
    message: /grant type/,
  },
  {
    row: 'E4',
    defect: 'an unknown user_uuid',
    send: () => exchange(made({ attributes: { ...apiKey(), user_uuid: '00000000-0000-4000-8000-000000000000' } })),
    message: 'Invalid useruuid',
  },
];

describe('the token endpoint of SuccessFactors', () => {
  it.each(rows)('$row: refuses $defect', async ({ send, message }) => {
    const answer = await send();
    expect(answer.status).toBe(401);
    const expected: unknown = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(answer.body).toEqual({ errorHttpCode: '401', errorMessage: expected });
  });

  it('gives a token of 24 hours whose inside is what the live ones have', async () => {
    const { status, body } = await exchange(made());
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer' });
    expect(body['expires_in']).toBeGreaterThanOrEqual(86_398);
    expect(body).not.toHaveProperty('refresh_token');
    const inside = JSON.parse(Buffer.from(String(body['access_token']), 'base64').toString()) as {
      tokenContent: Record<string, number>;
    };
    expect(inside.tokenContent).toMatchObject({
      apiKey: landscape.successFactors.apiKey,
      sfPrinciple: '103214#DIV#QuaysideHarbour',
      scope: '',
    });
    expect(Number(inside.tokenContent['expiresAt']) - Number(inside.tokenContent['issuedAt'])).toBe(86_400_000);
  });

  it.each([
    ['the user id', () => made()],
    [
      'the username with use_username',
      () => made({ nameId: 'mlindqvist', attributes: { ...apiKey(), use_username: 'true' } }),
    ],
    [
      'the e-mail with use_email',
      () =>
        made({
          nameId: users.everywhere.email,
          format: emailFormat,
          attributes: { ...apiKey(), use_email: 'true', external_user: 'false' },
        }),
    ],
    ['RSA-PSS', () => made({}, { signature: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' })],
    ['base64url', () => Buffer.from(made(), 'base64').toString('base64url')],
    [
      'the registered certificate in KeyInfo',
      () => made({}, { certificate: landscape.successFactors.signing.certificate }),
    ],
  ])('accepts %s', async (_name, encoded) => {
    expect((await exchange(encoded())).body).toMatchObject({ token_type: 'Bearer' });
  });

  it('reads a name as a whole, whatever comment was put into it after signing', async () => {
    const signed = signAssertion(assertionXml(landscape), landscape).replace('>103214<', '>103214<!-- x --><');
    const { body } = await exchange(encode(signed));
    expect(Buffer.from(String(body['access_token']), 'base64').toString()).toContain('"103214#DIV#');
  });

  it('accepts what xmlsec1 has signed', async () => {
    const signed = signWithXmlsec(assertionXml(landscape), landscape.successFactors.signing.keys.privatePem);
    expect((await exchange(encode(signed))).body).toMatchObject({ token_type: 'Bearer' });
  });

  it('knows the client by attribute alone or by client_id alone', async () => {
    expect((await exchange(made(), { client_id: undefined })).status).toBe(200);
    expect((await exchange(made({ attributes: {} }))).status).toBe(200);
  });

  it('takes its parameters from the query as well, but none twice', async () => {
    const query = new URLSearchParams(fields(made()) as Record<string, string>);
    const url = `${landscape.successFactors.tokenUrl}?${query}`;
    expect((await readAnswer(await fetch(url, { method: 'POST' }))).status).toBe(200);
    expect((await postForm(url, { company_id: landscape.successFactors.companyId })).status).toBe(400);
  });

  it('H64: gives the same token for the same assertion, with less time left, until a new one is demanded', async () => {
    const encoded = made();
    const first = await exchange(encoded);
    landscape.hooks.clock.advance(120);
    const second = await exchange(encoded);
    expect(second.body['access_token']).toBe(first.body['access_token']);
    expect(Number(second.body['expires_in'])).toBeLessThanOrEqual(Number(first.body['expires_in']) - 120);
    const third = await exchange(encoded, { new_token: 'true' });
    expect(third.body['access_token']).not.toBe(first.body['access_token']);
  });

  it('can be told not to look at the recipient', async () => {
    const lenient = await startLandscape({ keys: landscape.keys, successFactors: { strictRecipient: false } });
    try {
      const encoded = assertion(lenient, { recipient: 'https://elsewhere.example.com/' });
      const form = {
        ...fields(encoded),
        company_id: lenient.successFactors.companyId,
        client_id: lenient.successFactors.apiKey,
      };
      expect((await postForm(lenient.successFactors.tokenUrl, form)).status).toBe(200);
    } finally {
      await lenient.stop();
    }
  });

  it('has no IdP that takes private keys', async () => {
    const answer = await postForm(`${landscape.successFactors.origin}/oauth/idp`, { private_key: 'x' });
    expect(answer.status).toBe(410);
  });

  it('validates tokens', async () => {
    const validate = (token: string) =>
      fetch(`${landscape.successFactors.origin}/oauth/validate`, { headers: { authorization: `Bearer ${token}` } });
    expect((await validate(await tokenFor())).status).toBe(200);
    expect((await validate('garbage')).status).toBe(403);
  });
});

describe('the OData API of SuccessFactors', () => {
  const get = async (path: string, token?: string, accept = 'application/json') =>
    readAnswer(
      await fetch(`${landscape.successFactors.url}${path}`, {
        headers: { accept, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      }),
    );

  const tampered = (token: string) => {
    const inside = JSON.parse(Buffer.from(token, 'base64').toString()) as { tokenContent: Record<string, unknown> };
    const tokenContent = { ...inside.tokenContent, sfPrinciple: '100001#DIV#QuaysideHarbour' };
    return encode(JSON.stringify({ ...inside, tokenContent }));
  };

  const rejected: readonly {
    readonly row: string;
    readonly defect: string;
    readonly token: () => Promise<string | undefined>;
    readonly code: string;
  }[] = [
    { row: 'H63', defect: 'no token', token: async () => undefined, code: 'LGN0003' },
    { row: 'H63', defect: 'garbage', token: async () => 'garbage!', code: 'LGN0005' },
    { row: 'H63', defect: 'a JWT', token: async () => 'eyJhbGciOiJub25lIn0.e30.', code: 'LGN0005' },
    {
      row: 'H63',
      defect: 'a token changed by its holder',
      token: async () => tampered(await tokenFor()),
      code: 'LGN0007',
    },
    {
      row: 'H63',
      defect: 'an expired token',
      token: async () => {
        const token = await tokenFor();
        landscape.hooks.clock.advance(86_401);
        return token;
      },
      code: 'LGN0022',
    },
    {
      row: 'H63',
      defect: 'a token rejected before its time',
      token: async () => {
        const token = await tokenFor();
        landscape.hooks.successFactors.rejectIssuedTokens();
        return token;
      },
      code: 'LGN0022',
    },
    {
      row: 'H62',
      defect: 'a token for a person only, which user_uuid makes',
      token: () => tokenFor({ attributes: { ...apiKey(), user_uuid: users.everywhere.oid } }),
      code: 'LGN0022',
    },
  ];

  it.each(rejected)('$row: refuses $defect with $code', async ({ token, code }) => {
    const answer = await get("/User('103214')", await token());
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({
      error: { code, message: { lang: 'en-US', value: expect.stringContaining(`[${code}]`) } },
    });
    expect(answer.headers.get('x-error-code')).toBe(code);
  });

  it('E5: refuses Basic authentication', async () => {
    const answer = await readAnswer(
      await fetch(`${landscape.successFactors.url}/User?$format=json`, { headers: { authorization: 'Basic dTpw' } }),
    );
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'LGN0010' } } });
  });

  it('E5: says LGN0001 outside of the API', async () => {
    expect(await readAnswer(await fetch(`${landscape.successFactors.origin}/odata/v9`))).toMatchObject({
      status: 404,
      body: { error: { code: 'LGN0001' } },
    });
  });

  it.each([
    ['H65: an unknown entity', '/Harbour', 400, 'COE_ENTITY_NOT_FOUND'],
    ['H65: an unknown property', '/User?$select=harbour', 400, 'COE_PROPERTY_NOT_FOUND'],
    ['H65: an unknown property in a filter', "/User?$filter=harbour eq 'x'", 400, 'COE_PROPERTY_NOT_FOUND'],
    ['an unknown key', "/User('999999')", 404, 'NotFoundException'],
    ['an unknown option', '/User?$apply=x', 400, 'COE_GENERAL_BAD_REQUEST'],
    ['a $top that is no number', '/User?$top=x', 400, 'COE_GENERAL_BAD_REQUEST'],
    ['a broken $skiptoken', '/User?$skiptoken=x', 400, 'COE_GENERAL_BAD_REQUEST'],
  ])('refuses %s', async (_name, path, status, code) => {
    expect(await get(path, await tokenFor())).toMatchObject({ status, body: { error: { code } } });
  });

  it('H65: gives errors as XML where JSON was not asked for', async () => {
    const response = await fetch(`${landscape.successFactors.url}/Harbour`, {
      headers: { authorization: `Bearer ${await tokenFor()}` },
    });
    expect(await response.text()).toContain('<code>COE_ENTITY_NOT_FOUND</code><message xml:lang="en-US">[COE0007]');
  });

  it('gives one user as OData v2 JSON', async () => {
    const { body } = await get("/User('103214')?$select=userId,firstName,hireDate", await tokenFor());
    const uri = `${landscape.successFactors.url}/User('103214')`;
    expect(body).toEqual({
      d: {
        __metadata: { uri, type: 'SFOData.User' },
        userId: '103214',
        firstName: 'Mara',
        hireDate: '/Date(1559347200000)/',
        manager: { __deferred: { uri: `${uri}/manager` } },
      },
    });
  });

  it('follows to a property and to the manager', async () => {
    const token = await tokenFor();
    expect((await get("/User('103214')/email", token)).body).toEqual({ d: { email: users.everywhere.email } });
    expect((await get("/User('103214')/manager", token)).body).toMatchObject({
      d: { userId: colleagues.director.userId },
    });
  });

  it('pages through the list by __next', async () => {
    const token = await tokenFor();
    const ids: string[] = [];
    let url: string | undefined = `${landscape.successFactors.url}/User?$select=userId&$inlinecount=allpages`;
    for (let pages = 0; url && pages < 5; pages += 1) {
      const answer = await readAnswer(
        await fetch(url, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } }),
      );
      const { d } = answer.body as { d: { results: { userId: string }[]; __next?: string; __count: string } };
      expect(d.__count).toBe('4');
      ids.push(...d.results.map(({ userId }) => userId));
      url = d.__next;
    }
    expect(ids).toEqual(['100001', '100417', '103214', '103877']);
  });

  it('honors $top, $skip and $filter', async () => {
    const token = await tokenFor();
    const idsOf = ({ body }: Answer) =>
      (body as { d: { results: { userId: string }[] } }).d.results.map(({ userId }) => userId);
    expect(idsOf(await get('/User?$top=1&$skip=2', token))).toEqual(['103214']);
    expect(idsOf(await get("/User?$filter=lastName eq 'Brandt'", token))).toEqual(['103877']);
  });

  it('speaks Atom by default and JSON by $format', async () => {
    const token = await tokenFor();
    const headers = { authorization: `Bearer ${token}` };
    const atom = await fetch(`${landscape.successFactors.url}/User`, { headers });
    expect(atom.headers.get('content-type')).toContain('application/atom+xml');
    expect(await atom.text()).toContain('<d:firstName>Petra</d:firstName>');
    const json = await fetch(`${landscape.successFactors.url}/User?$format=json`, { headers });
    expect(json.headers.get('content-type')).toContain('application/json');
  });

  it('has its metadata behind the token', async () => {
    expect((await fetch(`${landscape.successFactors.url}/$metadata`)).status).toBe(403);
    const response = await fetch(`${landscape.successFactors.url}/$metadata`, {
      headers: { authorization: `Bearer ${await tokenFor()}` },
    });
    expect(await response.text()).toContain('<EntityType Name="User">');
  });

  it('throttles when told to', async () => {
    const token = await tokenFor();
    landscape.hooks.successFactors.throttle(1, 300);
    const answer = await get('/User', token);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('300');
  });
});
