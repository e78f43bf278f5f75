import { beforeEach, describe, expect, test } from 'vitest';
import { type DestinationService, openDestinationService } from '../support/open-destination-service.ts';

let service: DestinationService;

beforeEach(async () => {
  service = await openDestinationService();
});

const http = (Name: string, more: object = {}) => ({ Name, Type: 'HTTP', URL: 'https://b.example', ...more });
const send = (method: string, path: string, body?: unknown) => service.call(path, { method, body });
const get = (path: string) => service.call(path);

describe.each(['subaccount', 'instance'])('destinations on %s level', (level) => {
  const path = `/v1/${level}Destinations`;

  test('are created, read, replaced and deleted', async () => {
    expect(await send('POST', path, http('a', { Password: 's' }))).toMatchObject({ status: 201, body: undefined });
    expect((await get(`${path}/a`)).body).toEqual(http('a', { Password: 's' }));
    expect((await send('POST', path, http('a'))).status).toBe(409);
    expect(await send('PUT', path, http('a', { User: 'u' }))).toMatchObject({ status: 200, body: { Count: 1 } });
    expect((await get(`${path}/a`)).body).toEqual(http('a', { User: 'u' }));
    expect((await send('PUT', path, http('b'))).status).toBe(404);
    expect((await send('DELETE', `${path}/a`)).body).toEqual({ Count: 1 });
    expect((await send('DELETE', `${path}/a`)).body).toEqual({ Count: 0 });
    expect(await get(`${path}/a`)).toMatchObject({
      status: 404,
      body: { ErrorMessage: 'Configuration with the specified name was not found' },
    });
    expect((await get(path)).body).toEqual([]);
  });

  test('of several each has its own status', async () => {
    await send('POST', path, http('b'));
    const { status, body } = await send('POST', path, [http('a'), http('b'), { Name: 'c', Type: 'FTP' }]);
    expect(status).toBe(207);
    expect(body).toMatchObject([
      { name: 'a', status: 201, etag: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { name: 'b', status: 409, cause: expect.stringContaining('exists') },
      { name: 'c', status: 400, cause: expect.stringContaining('Type') },
    ]);
    expect((await send('POST', path, [http('x'), http('y')])).status).toBe(201);
    expect((await send('PUT', path, [http('x'), http('z')])).body).toMatchObject([{ status: 200 }, { status: 404 }]);
    const gone = await send('DELETE', `${path}?$filter=${encodeURIComponent("Name in ('a','q')")}`);
    expect(gone).toMatchObject({
      status: 200,
      body: {
        Count: 1,
        Summary: [
          { name: 'a', status: 'DELETED' },
          { name: 'q', status: 'NOT_FOUND' },
        ],
      },
    });
    expect((await send('DELETE', path)).status).toBe(400);
  });

  test('are listed whole, filtered, by name, or by page', async () => {
    const names = Array.from({ length: 25 }, (_, n) => `d${String(n).padStart(2, '0')}`);
    await send(
      'POST',
      path,
      names.map((name) => http(name)),
    );
    const named = (body: readonly { Name: string }[]) => body.map(({ Name }) => Name);
    const filter = (expression: string) => get(`${path}?$filter=${encodeURIComponent(expression)}`);
    expect(named((await filter("Name in ('d03','d%30%34','none')")).body)).toEqual(['d03', 'd04']);
    expect(named((await filter("startswith(Name,'d2') AND endswith(Name,'1')")).body)).toEqual(['d21']);
    expect((await filter("modifiedwithin('5','minutes')")).body).toHaveLength(25);
    expect((await filter("modifiedwithin('0','minutes')")).status).toBe(400);
    expect((await filter('Name eq 1')).status).toBe(400);
    expect((await get(`${path}?$select=Name`)).body[0]).toEqual({ Name: 'd00' });
    const page = await get(`${path}?$page=3&%24pageSize=10&$pageCount=true&$entityCount=true`);
    expect(named(page.body)).toEqual(['d20', 'd21', 'd22', 'd23', 'd24']);
    expect(page.headers.get('page-count')).toBe('3');
    expect(page.headers.get('entity-count')).toBe('25');
    expect(page.headers.get('link')).toMatch(/\$page=2&\$pageSize=10>; rel="previous"$/);
    expect((await get(`${path}?$page=1&$select=Name`)).status).toBe(400);
    expect((await get(`${path}?$pageSize=1001`)).status).toBe(400);
    const [{ $metadata }] = (await get(`${path}?$includeMetadata=modification_time;etag`)).body;
    expect(Date.now() - Date.parse($metadata.modification_time)).toBeLessThan(60_000);
    expect($metadata.etag).toMatch(/^[0-9a-f]{64}$/);
  });

  test('have an ETag by which a client asks whether something changed', async () => {
    await send('POST', path, http('a'));
    const etag = (await get(`${path}/a`)).headers.get('etag') ?? '';
    const when = (headers: Record<string, string>) => service.call(`${path}/a`, { headers });
    expect(await when({ 'if-none-match': etag })).toMatchObject({ status: 304, body: undefined });
    expect((await when({ 'if-none-match': etag.replaceAll('"', '') })).status).toBe(304);
    expect((await when({ 'if-match': '"0"' })).status).toBe(412);
    await send('PUT', path, http('a', { User: 'u' }));
    expect((await when({ 'if-none-match': etag })).status).toBe(200);
  });

  test('have labels', async () => {
    await send('POST', path, [http('a'), http('b')]);
    const labels = [{ key: 'stage', values: ['dev', 'test'] }];
    expect((await send('PUT', `${path}/a/labels`, labels)).body).toEqual(labels);
    await send('PATCH', `${path}/a/labels`, { action: 'ADD', labels: [{ key: 'team', values: ['quay'] }] });
    await send('PATCH', `${path}/a/labels`, { action: 'DELETE', labels: [{ key: 'stage', values: ['dev'] }] });
    expect((await get(`${path}/a/labels`)).body).toEqual([
      { key: 'stage', values: ['test'] },
      { key: 'team', values: ['quay'] },
    ]);
    const found = await get(`${path}?$filter=${encodeURIComponent("Label['stage'] HAS ('test')")}`);
    expect(found.body).toEqual([http('a')]);
    expect((await get(`${path}/nobody/labels`)).status).toBe(404);
  });
});

describe('what cannot be kept is refused with a reason', () => {
  test.each([
    ['no name', { Type: 'HTTP' }, /Name is missing/],
    ['a name that is a path', http('../x'), /Name may have/],
    ['no type', { Name: 'a' }, /Type must be one of/],
    ['a number', http('a', { 'HTML5.Timeout': 5 }), /HTML5.Timeout must be a text/],
    ['a boolean', http('a', { TrustAll: true }), /TrustAll must be a text/],
    ['an object', http('a', { __proto: {} }), /must be a text/],
    ['a variable of this process', http('a', { Password: `\${env:HOME}` }), /environment variable/],
    ['an array in an array', [[http('a')]], undefined],
    ['nothing', [], /empty array/],
    ['a text', '"a"', /malformed/],
    ['broken JSON with a secret', '{"Password":"hush', /^The request is malformed$/],
  ])('%s', async (_, body, reason) => {
    const answer = await send('POST', '/v1/subaccountDestinations', body);
    if (reason === undefined) expect(answer).toMatchObject({ status: 207, body: [{ status: 400 }] });
    else {
      expect(answer.status).toBe(400);
      expect(answer.body.ErrorMessage).toMatch(reason);
    }
    expect((await get('/v1/subaccountDestinations')).body).toEqual([]);
  });

  test('another content type', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await service.call('/v1/subaccountDestinations', { method: 'POST', headers, body: '{}' })).status).toBe(
      415,
    );
  });

  test('a body beyond the limit', async () => {
    const huge = http('a', { Description: 'x'.repeat(11_000_000) });
    expect((await send('POST', '/v1/subaccountDestinations', huge)).status).toBe(413);
  });

  test('a path beyond the limit', async () => {
    expect((await get(`/v1/destinations/${'x'.repeat(4000)}`)).status).toBe(414);
  });
});

describe('the file', () => {
  test('is the one that the router reads, and what is in it and not understood stays', async () => {
    const wrapped = { owner: { SubaccountId: 'x' }, destinationConfiguration: http('old'), note: 1 };
    const files = { 'destinations.json': [wrapped, 'what is this', http('other', { 'HTML5.Timeout': 10 })] };
    service = await openDestinationService({ files });
    await send('POST', '/v1/subaccountDestinations', http('new'));
    await send('PUT', '/v1/subaccountDestinations', http('old', { User: 'u' }));
    expect(JSON.parse(service.file('destinations.json'))).toEqual([
      { ...wrapped, destinationConfiguration: http('old', { User: 'u' }) },
      'what is this',
      http('other', { 'HTML5.Timeout': 10 }),
      http('new'),
    ]);
  });

  test('keeps a reference to a variable when an answer is changed and sent back', async () => {
    const one = http('a', { Authentication: 'BasicAuthentication', User: 'u', Password: `\${env:SECRET_OF_A}` });
    service = await openDestinationService({ files: { 'destinations.json': [one] }, env: { SECRET_OF_A: 'hush' } });
    const { body } = await get('/v1/subaccountDestinations/a');
    expect(body.Password).toBe(`\${env:SECRET_OF_A}`);
    expect((await send('PUT', '/v1/subaccountDestinations', { ...body, User: 'v' })).status).toBe(200);
    expect((await get('/v1/destinations/a')).body.destinationConfiguration).toMatchObject({
      User: 'v',
      Password: 'hush',
    });
  });

  test('that is broken is never written over', async () => {
    service = await openDestinationService({ files: { 'destinations.json': '[{"Name":"a","Password":"hush"' } });
    const { status, body } = await send('POST', '/v1/subaccountDestinations', http('b'));
    expect(status).toBe(500);
    expect(body.ErrorMessage).toMatch(/destinations.json is not valid JSON/);
    expect(service.file('destinations.json')).toBe('[{"Name":"a","Password":"hush"');
    expect(service.told()).not.toContain('hush');
  });
});

describe('fragments', () => {
  test('are laid over a destination of their level', async () => {
    await send('POST', '/v1/subaccountDestinations', http('a', { User: 'u', Password: 'p' }));
    const fragment = { FragmentName: 'other-user', User: 'v', sap: 'x' };
    expect((await send('POST', '/v1/subaccountDestinationFragments', fragment)).status).toBe(201);
    const find = (headers: Record<string, string>) => service.call('/v1/destinations/a', { headers });
    const { body } = await find({ 'x-fragment-name': 'other-user' });
    expect(body.destinationConfiguration).toMatchObject({ User: 'v', Password: 'p', FragmentName: 'other-user' });
    expect(Buffer.from(body.authTokens[0].value, 'base64').toString()).toBe('v:p');
    expect((await find({ 'x-fragment-name': 'missing' })).status).toBe(404);
    const optional = await find({ 'x-fragment-name': 'missing', 'x-fragment-optional': 'true' });
    expect(optional.body.destinationConfiguration).not.toHaveProperty('FragmentName');
    expect((await find({ 'x-fragment-name': 'a,b', 'x-fragment-optional': 'true' })).status).toBe(400);
    expect((await find({ 'x-fragment-name': '../destinations' })).status).toBe(400);
  });

  test('have neither Name nor Type', async () => {
    const { status, body } = await send('POST', '/v1/instanceDestinationFragments', {
      FragmentName: 'f',
      Type: 'HTTP',
    });
    expect([status, body.ErrorMessage]).toEqual([400, 'A fragment must not contain Type']);
  });
});

describe('the instance level', () => {
  test('comes first in v1; v2 looks where it is told and nowhere else', async () => {
    await send('POST', '/v1/subaccountDestinations', [http('both', { User: 's' }), http('sub')]);
    await send('POST', '/v1/instanceDestinations', http('both', { User: 'i' }));
    const v1 = (await get('/v1/destinations/both')).body;
    expect(v1.owner).toEqual({ SubaccountId: service.key['tenantid'], InstanceId: service.key['instanceid'] });
    expect(v1.destinationConfiguration.User).toBe('i');
    expect((await get('/v2/destinations/both@subaccount')).body.destinationConfiguration.User).toBe('s');
    expect((await get('/v2/destinations/both')).body).not.toHaveProperty('owner');
    expect((await get('/v2/destinations/sub')).status).toBe(404);
    expect((await get('/v2/destinations/sub@moon')).status).toBe(400);
    const owned = (await get('/v2/destinations/sub@subaccount?$includeMetadata=owner')).body;
    expect(owned.destinationConfiguration.$metadata.owner.destinations).toEqual([
      { Name: 'sub', SubaccountId: service.key['tenantid'], InstanceId: null },
    ]);
  });
});

test('a destination that gives another one its client assertion is not deleted', async () => {
  await send('POST', '/v1/subaccountDestinations', [
    http('provider'),
    http('consumer', { 'clientAssertion.destinationName': 'provider' }),
  ]);
  const { status, body } = await send('DELETE', '/v1/subaccountDestinations/provider');
  expect(status).toBe(400);
  expect(body.ErrorMessage).toBe(
    "Cannot perform operation on the destination 'provider' because it is used as an assertion provider for destination 'consumer'",
  );
});

describe('trust', () => {
  const certificate = '/v1/saml2Metadata/certificate';

  test('is made, prepared, rotated and told as metadata', async () => {
    expect(await get(certificate)).toMatchObject({
      status: 404,
      body: { ErrorMessage: `Keypair for subaccount - ${service.key['tenantid']} does not exist` },
    });
    expect((await get('/v1/saml2Metadata')).status).toBe(404);
    const first = (await send('POST', certificate)).body.certificate;
    expect(first).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect((await send('POST', '/v1/saml2Metadata/rotateCertificate')).status).toBe(404);
    const second = (await send('POST', `${certificate}/passive`)).body.certificate;
    const { body } = await send('POST', '/v1/saml2Metadata/rotateCertificate');
    expect(body).toEqual({ activeCertificate: second, passiveCertificate: first });
    expect((await get(certificate)).body).toEqual({ certificate: second });
    const metadata = Buffer.from((await get('/v1/saml2Metadata')).body.idpMetadata, 'base64').toString();
    const roles = ['SPSSODescriptor', 'IDPSSODescriptor'].map(
      (role) => new RegExp(`<md:${role} [\\s\\S]*</md:${role}>`).exec(metadata)?.[0] ?? '',
    );
    for (const role of roles) expect(role.match(/KeyDescriptor use="signing"/g)).toHaveLength(2);
    expect((await send('DELETE', `${certificate}/passive`)).status).toBe(200);
    expect((await get(`${certificate}/passive`)).body.ErrorMessage).toMatch(/^Passive Keypair for subaccount/);
  });

  test('wants no body', async () => {
    const { status, body } = await send('POST', certificate, {});
    expect([status, body.ErrorMessage]).toEqual([400, 'Request body should be empty!']);
  });
});
