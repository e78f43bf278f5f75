import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../demo/landscape/users.ts';
import { anonymous, type User } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import type { AppError } from '../../../src/errors/app-error.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { openQuay, ownDestinations, type Quay, type ReadAsAtStart } from './support/landscape.ts';
import { certificateFor, openMsal } from './support/msal.ts';

/**
 * Microsoft's own library and ours before one strict stand-in: that it takes what msal-node sends shows that its
 * strictness is real, and that it takes what we send means something then.
 */
let quay: Quay;
let own: ReadAsAtStart;
let mara: User;

beforeAll(async () => {
  quay = await openQuay();
  own = await quay.read(await ownDestinations(quay));
  mara = await quay.logIn(users.everywhere);
});
afterEach(() => quay.landscape.hooks.reset());
afterAll(() => quay.close());

/** What we send for a destination. */
async function ours(name: string, user: User | typeof anonymous = anonymous): Promise<URLSearchParams> {
  quay.landscape.calls.clear();
  const credential = await createTokens().obtain(own.get(name), user);
  expect(credential.kind).toBe('header');
  return new URLSearchParams(quay.landscape.calls.entra.at(-1)?.full.body);
}

/** Names that say something to the service; the rest is the library's own telemetry. */
const meant = (form: URLSearchParams | undefined) =>
  [...(form?.keys() ?? [])].filter((name) => !/^(x-|client_info$|client-request-id$)/.test(name)).sort();

describe('client credentials with a certificate', () => {
  const scopes = () => [quay.landscape.graph.defaultScope];
  const certificate = () => quay.landscape.entra.client.certificate;

  test('msal-node is given a token, and we are', async () => {
    const msal = openMsal(quay.landscape, certificateFor(certificate(), 'sha256'));
    const theirs = await msal.application.acquireTokenByClientCredential({ scopes: scopes() });
    expect(theirs?.accessToken.split('.')).toHaveLength(3);
    const form = await ours('graph-technical');
    const called = await quay.call(
      own.get('graph-technical'),
      await createTokens().obtain(own.get('graph-technical'), anonymous),
      '/users',
    );
    expect(called.status).toBe(200);
    expect(meant(form)).toEqual(meant(msal.sent[0]?.form));
    for (const name of ['grant_type', 'client_id', 'scope', 'client_assertion_type'])
      expect(form.get(name), name).toBe(msal.sent[0]?.form.get(name));
  });

  test('the assertions are built alike: algorithm, thumbprint, audience, issuer, subject', async () => {
    const msal = openMsal(quay.landscape, certificateFor(certificate(), 'sha256'));
    await msal.application.acquireTokenByClientCredential({ scopes: scopes() });
    const [theirs, mine] = [msal.sent[0]?.form, await ours('graph-technical')].map(
      (form) => form?.get('client_assertion') ?? '',
    ) as [string, string];
    const { kid, ...header } = decodeProtectedHeader(mine);
    expect(header).toEqual(decodeProtectedHeader(theirs));
    expect(header).toMatchObject({ alg: 'PS256', 'x5t#S256': certificate().thumbprints.x5tS256 });
    expect(kid).toMatch(/^[0-9A-F]{40}$/);
    const { aud, iss, sub } = decodeJwt(theirs);
    expect(decodeJwt(mine)).toMatchObject({ aud, iss, sub });
    expect(Object.keys(decodeJwt(mine)).sort()).toEqual(Object.keys(decodeJwt(theirs)).sort());
  });

  test('in the older way, too: RS256 and x5t', async () => {
    const msal = openMsal(quay.landscape, certificateFor(certificate(), 'sha1'));
    await msal.application.acquireTokenByClientCredential({ scopes: scopes() });
    const theirs = decodeProtectedHeader(msal.sent[0]?.form.get('client_assertion') ?? '');
    const raw = (await ownDestinations(quay)).find(({ Name }) => Name === 'graph-technical');
    const older = (await quay.read([{ ...raw, 'clientAssertion.algorithm': 'RS256' }])).get('graph-technical');
    quay.landscape.calls.clear();
    await createTokens().obtain(older, anonymous);
    const form = new URLSearchParams(quay.landscape.calls.entra.at(-1)?.full.body);
    const { kid: _, ...header } = decodeProtectedHeader(form.get('client_assertion') ?? '');
    expect(header).toEqual(theirs);
    expect(header).toMatchObject({ alg: 'RS256', x5t: certificate().thumbprints.x5t });
  });

  test('a secret with awkward characters arrives the same', async () => {
    const { secret } = quay.landscape.entra.client;
    const msal = openMsal(quay.landscape, { clientSecret: secret });
    await expect(msal.application.acquireTokenByClientCredential({ scopes: scopes() })).resolves.toBeTruthy();
    const form = await ours('graph-technical-secret');
    expect([form.get('client_secret'), msal.sent[0]?.form.get('client_secret')]).toEqual([secret, secret]);
  });
});

describe('On-Behalf-Of', () => {
  test('msal-node and we send the same, and Graph knows the user by both tokens', async () => {
    const { graph, entra } = quay.landscape;
    const msal = openMsal(quay.landscape, certificateFor(entra.client.certificate, 'sha256'));
    const theirs = await msal.application.acquireTokenOnBehalfOf({
      oboAssertion: mara.token,
      scopes: [graph.defaultScope],
    });
    const form = await ours('graph-user-assertion', mara);
    expect(meant(form)).toEqual(meant(msal.sent[0]?.form));
    for (const name of ['grant_type', 'assertion', 'requested_token_use'])
      expect(form.get(name), name).toBe(msal.sent[0]?.form.get(name));
    const destination = own.get('graph-user-assertion');
    const byThem = { kind: 'header', name: 'authorization', value: `Bearer ${theirs?.accessToken}` } as const;
    const answers = [byThem, await createTokens().obtain(destination, mara)].map((credential) =>
      quay.call(destination, credential, '/me'),
    );
    const [they, we] = await Promise.all(answers);
    expect([they?.status, we?.status]).toEqual([200, 200]);
    expect(JSON.parse(we?.text ?? '')).toMatchObject({ id: users.everywhere.oid });
    expect(they?.text).toBe(we?.text);
  });
});

describe('the stand-in refuses both alike', () => {
  async function refusals(name: string, proof: Parameters<typeof openMsal>[1], change: object = {}) {
    const raw = (await ownDestinations(quay)).find(({ Name }) => Name === name);
    const destination: Destination = (await quay.read([{ ...raw, ...change }])).get(name);
    const msal = openMsal(quay.landscape, proof);
    const asked = msal.application.acquireTokenByClientCredential({ scopes: [quay.landscape.graph.defaultScope] });
    const theirs = (await asked.catch((caught: unknown) => caught)) as { errorMessage?: string; message?: string };
    const mine = (await Promise.resolve(createTokens().obtain(destination, anonymous)).catch(
      (caught: unknown) => caught,
    )) as AppError;
    return { theirs: `${theirs.errorMessage ?? ''} ${theirs.message ?? ''}`, ours: mine };
  }

  test('a key that is not registered: AADSTS700027, with what to do about it', async () => {
    const { theirs, ours: mine } = await refusals(
      'graph-technical',
      certificateFor(quay.landscape.keys.successFactorsSigning, 'sha256'),
      {
        'clientAssertion.KeyStoreLocation': 'successfactors-signing.p12',
        'clientAssertion.KeyStorePassword': quay.landscape.successFactors.signing.password,
      },
    );
    expect(theirs).toContain('AADSTS700027');
    expect(mine).toMatchObject({ status: 502, members: { errorCode: 'AADSTS700027' } });
    expect(mine.hint).toContain("Upload the key store's certificate");
  });

  test('an expired secret: AADSTS7000222', async () => {
    const { expiredSecret } = quay.landscape.entra.client;
    const { theirs, ours: mine } = await refusals(
      'graph-technical-secret',
      { clientSecret: expiredSecret },
      { clientSecret: expiredSecret },
    );
    expect(theirs).toContain('AADSTS7000222');
    expect(mine).toMatchObject({ members: { errorCode: 'AADSTS7000222' } });
    expect(JSON.stringify(mine)).not.toContain(expiredSecret);
  });
});
