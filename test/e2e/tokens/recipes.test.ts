import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { users } from '../../../demo/landscape/users.ts';
import { anonymous, type Principal, type User } from '../../../src/authorization/principal.ts';
import { trustCertificates } from '../../../src/config/trust-certificates.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { openQuay, type Quay } from './support/landscape.ts';

/**
 * Each page in docs/recipes has one block of JSON: destinations to copy. They are read as a start reads them, without a
 * problem or a warning, and run against the landscape; only the hosts are others.
 */
const folder = path.resolve(import.meta.dirname, '../../../docs/recipes');
/** Told and run elsewhere: test/e2e/destination-service/recipe.test.ts. */
const others = ['README.md', 'local-destinations.md'];
const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && !others.includes(name));

let quay: Quay;
let mara: User;

beforeAll(async () => {
  quay = await openQuay();
  mara = await quay.logIn(users.everywhere);
  const { landscape, workingDirectory } = quay;
  const { certificate, keys } = landscape.ias.client.certificate;
  const signing = landscape.successFactors.signing;
  const store = (name: string, content: string | Buffer) =>
    writeFile(path.join(workingDirectory, 'keystores', name), content);
  const tagged = (pem: string) =>
    Buffer.from(`${pem.replace(/-----[A-Z ]+-----|\s/g, '')}###0a1b2c3d`).toString('base64');
  await Promise.all([
    store('entra.p12', landscape.entra.client.certificate.p12),
    store('successfactors.p12', signing.p12),
    // As SuccessFactors hands it out, and as cf service-key prints it.
    store('successfactors-generated.txt', `${tagged(signing.keys.privatePem)}\n${tagged(signing.certificate)}\n`),
    store(
      'ias.json',
      JSON.stringify({ credentials: { clientid: landscape.ias.client.id, certificate, key: keys.privatePem } }),
    ),
    store('ca.pem', landscape.ias.certificateAuthority),
  ]);
  // The landscape's SuccessFactors has one certificate registered: the default trust is made of its pair.
  const trust = path.join(workingDirectory, '.portunus', 'trust');
  await mkdir(trust, { recursive: true });
  await writeFile(
    path.join(trust, 'key-pairs.json'),
    JSON.stringify({ active: signing.keys.privatePem + signing.certificate }),
  );
  // As XS_CACERT_PATH does it: the landscape's IAS has an authority of its own.
  trustCertificates('keystores/ca.pem', workingDirectory, new Problems());
});
afterAll(() => quay.close());
beforeEach(() => quay.landscape.calls.clear());

/** The one block of JSON of a page, with the landscape's hosts in place of the real ones. */
function recipe(page: string): unknown {
  const blocks = [...readFileSync(path.join(folder, page), 'utf8').matchAll(/^```json\n([\s\S]*?)^```$/gm)];
  expect(blocks).toHaveLength(1);
  const { entra, graph, successFactors, ias, costCenters } = quay.landscape;
  const hosts = {
    'https://login.microsoftonline.com/': `${entra.origin}/`,
    'https://graph.microsoft.com/v1.0': graph.url,
    'https://api4.successfactors.com': successFactors.origin,
    'https://mytenant.accounts.ondemand.com': ias.origin,
    'https://cost-centers.example.com': costCenters.origin,
  };
  const text = Object.entries(hosts).reduce((all, [real, local]) => all.replaceAll(real, local), blocks[0]?.[1] ?? '');
  return JSON.parse(text);
}

function variables() {
  const { entra, successFactors, ias } = quay.landscape;
  return {
    ENTRA_TENANT: entra.tenant,
    ENTRA_CLIENT_ID: entra.client.id,
    ENTRA_KEYSTORE_PASSWORD: entra.client.certificate.password,
    SF_API_KEY: successFactors.apiKey,
    SF_COMPANY: successFactors.companyId,
    SF_KEYSTORE_PASSWORD: successFactors.signing.password,
    IAS_CLIENT_ID: ias.client.id,
  };
}

interface Story {
  readonly destination: string;
  readonly principal: () => Principal;
  /** Behind the destination's URL. */
  readonly path: string;
  /** What the backend's answer holds. */
  readonly answer: RegExp;
}

const record = {
  destination: 'successfactors',
  principal: () => mara,
  path: `/User('${users.everywhere.employee?.userId}')?$format=json`,
  answer: new RegExp(`"userId":"${users.everywhere.employee?.userId}"`),
};
const graphUser = {
  destination: 'graph',
  principal: () => mara,
  path: '/me',
  answer: new RegExp(users.everywhere.oid),
};
const centers = { path: '', answer: /Pilotage/ };

/** What each recipe promises. A page without a story here is a page that nobody has tried. */
const stories: Readonly<Record<string, readonly Story[]>> = {
  'entra-on-behalf-of.md': [graphUser],
  'entra-technical-user.md': [
    { destination: 'graph-technical', principal: () => anonymous, path: '/users', answer: /Lindqvist/ },
  ],
  'successfactors-own-key.md': [record],
  'successfactors-default-trust.md': [record],
  'successfactors-generated-pair.md': [record],
  'ias-mtls.md': [{ destination: 'cost-centers', principal: () => anonymous, ...centers }],
  'entra-to-ias.md': [record, { destination: 'cost-centers', principal: () => mara, ...centers }],
};

test('every recipe has its story, and every story its recipe', () => {
  expect(Object.keys(stories).sort()).toEqual(pages.sort());
});

describe.each(Object.entries(stories))('%s', (page, told) => {
  test('is read without a problem or a warning', async () => {
    expect((await quay.read(recipe(page), variables())).warnings).toEqual([]);
  });

  test('does what it promises', async () => {
    const { get } = await quay.read(recipe(page), variables());
    const tokens = createTokens({ find: get });
    for (const { destination, principal, path: behind, answer } of told) {
      const called = await quay.call(get(destination), await tokens.obtain(get(destination), principal()), behind);
      expect([called.status, called.text]).toEqual([200, expect.stringMatching(answer)]);
    }
  });
});

describe('Entra ID → IAS → SuccessFactors', () => {
  test('the assertion speaks of the user as IAS knows them, and the Entra ID token stays behind', async () => {
    const { get } = await quay.read(recipe('entra-to-ias.md'), variables());
    await createTokens({ find: get }).obtain(get('successfactors'), mara);
    const [exchange] = quay.landscape.calls.ias.filter(({ path: at }) => at === '/oauth2/token');
    expect(new URLSearchParams(exchange?.full.body).get('assertion')).toBe(mara.token);
    const [request] = quay.landscape.calls.successFactors;
    const form = new URLSearchParams(request?.full.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:saml2-bearer');
    const xml = Buffer.from(form.get('assertion') ?? '', 'base64url').toString('utf8');
    expect(xml).toContain(`>${users.everywhere.email}</saml2:NameID>`);
    expect(request?.full.body).not.toContain(mara.token);
  });

  test('the claims are those of the IAS token: one that Entra ID does not have can be the user id', async () => {
    expect(decodeJwt(mara.token)).not.toHaveProperty('user_uuid');
    const [ias, successFactors] = recipe('entra-to-ias.md') as [object, object];
    const byUuid = { ...successFactors, userIdSource: 'user_uuid' };
    const { get } = await quay.read([ias, byUuid], variables());
    const obtaining = Promise.resolve(createTokens({ find: get }).obtain(get('successfactors'), mara));
    await expect(obtaining).rejects.toMatchObject({ members: { destination: 'successfactors' } });
    const form = new URLSearchParams(quay.landscape.calls.successFactors[0]?.full.body);
    const xml = Buffer.from(form.get('assertion') ?? '', 'base64url').toString('utf8');
    expect(xml).toContain(`>${users.everywhere.userUuid}</saml2:NameID>`);
  });

  test('an opaque IAS token has no claims, and the message says how to get a JWT', async () => {
    const [ias, successFactors] = recipe('entra-to-ias.md') as [object, object];
    const { get } = await quay.read(
      [{ ...ias, 'tokenService.body.token_format': 'opaque' }, successFactors],
      variables(),
    );
    const obtaining = Promise.resolve(createTokens({ find: get }).obtain(get('successfactors'), mara));
    await expect(obtaining).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      hint: expect.stringContaining('tokenService.body.token_format to jwt'),
    });
  });
});
