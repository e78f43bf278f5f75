import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate } from '../../../demo/landscape/keys/certificate.ts';
import { makeRsaKeyPair, type RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { packPkcs12 } from '../../../demo/landscape/keys/pkcs12.ts';
import { readKeyPair } from '../../../src/config/key-store.ts';
import { createCertificateKeeper } from '../../../src/destination-service/certificate-keeper.ts';
import { openCollection } from '../../../src/destination-service/collection.ts';
import { openStore } from '../../../src/destination-service/store.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { type DestinationService, openDestinationService } from '../support/open-destination-service.ts';

let service: DestinationService;
let keys: RsaKeyPair;
let pem: string;
const path = '/v1/subaccountCertificates';
const send = (method: string, where: string, body?: unknown) => service.call(where, { method, body });

beforeAll(async () => {
  service = await openDestinationService();
  keys = await makeRsaKeyPair();
  pem = issueCertificate({ use: 'client', commonName: 'quay', keys });
});

const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');

describe('certificates', () => {
  test('are kept as the files that the router reads, and come back as they were', async () => {
    const entry = { Name: 'quay.pem', Type: 'CERTIFICATE', Content: base64(pem) };
    expect((await send('POST', path, entry)).status).toBe(201);
    expect(service.file('keystores/quay.pem')).toBe(pem);
    expect((await service.call(`${path}/quay.pem`)).body).toEqual(entry);
    expect((await service.call(`${path}?$select=Name`)).body).toEqual([{ Name: 'quay.pem' }]);
    expect((await send('DELETE', `${path}/quay.pem`)).body).toEqual({ Count: 1 });
    expect((await service.call(`${path}/quay.pem`)).status).toBe(404);
  });

  test.each([
    '../destinations.json',
    '..\\x.pem',
    '/etc/x.pem',
    'instance/x.pem',
    '.hidden.pem',
    'x',
    'x.sh',
    'a\0.pem',
    `${'x'.repeat(300)}.pem`,
  ])('of the name %j are neither written nor read', async (Name) => {
    expect((await send('POST', path, { Name, Content: base64(pem) })).status).toBe(400);
    expect((await service.call(`${path}/${encodeURIComponent(Name)}`)).status).toBe(404);
    expect((await send('DELETE', `${path}/${encodeURIComponent(Name)}`)).body).not.toEqual({ Count: 1 });
  });

  test('show their public part, unless a password is in the way', async () => {
    const store = packPkcs12(keys.privatePem, [pem], 'pw');
    await send('POST', path, [
      { Name: 'open.pem', Content: base64(keys.privatePem + pem) },
      { Name: 'locked.p12', Content: base64(store) },
    ]);
    const [shown] = (await service.call(`${path}/open.pem/publicKeys`)).body;
    expect(shown).toMatchObject({ Alias: 'open', SubjectDN: expect.stringContaining('CN=quay') });
    expect(Buffer.from(shown.Content, 'base64').toString()).not.toContain('PRIVATE');
    expect(await service.call(`${path}/locked.p12/publicKeys`)).toMatchObject({
      status: 400,
      body: { ErrorMessage: 'The keystore is password-protected and public keys cannot be retrieved' },
    });
  });
});

describe('a certificate is made', () => {
  const Attributes = { CN: 'made', Password: 'pw', Validity: { TimeUnit: 'MONTHS', Value: 6 }, AutomaticRenew: true };

  test('as a key store that opens with its password', async () => {
    expect((await send('POST', path, { Name: 'made.p12', Attributes })).status).toBe(201);
    const { body } = await service.call(`${path}/made.p12`);
    expect(Object.keys(body).sort()).toEqual(['Content', 'Name', 'Type']);
    const pair = await readKeyPair('made.p12', Buffer.from(body.Content, 'base64'), 'pw');
    expect(pair.commonName).toBe('made');
    const days = (pair.certificate.validToDate.getTime() - Date.now()) / 86_400_000;
    expect(Math.round(days / 10)).toBe(18);
    const [shown] = (await service.call(`${path}/made.p12/publicKeys`)).body;
    expect(new X509Certificate(Buffer.from(shown.Content, 'base64')).subject).toContain('CN=made');
    expect((await send('POST', path, { Name: 'made.p12', Attributes })).status).toBe(409);
  });

  test.each([
    ['without a password', { ...Attributes, Password: undefined }, 'made2.p12'],
    ['without a name', { ...Attributes, CN: '' }, 'made2.p12'],
    ['for ever', { ...Attributes, Validity: { TimeUnit: 'YEARS', Value: 9 } }, 'made2.p12'],
    ['as a Java key store', Attributes, 'made2.jks'],
    ['outside', Attributes, '../made2.pem'],
  ])('but not %s', async (_, attributes, Name) => {
    expect((await send('POST', path, { Name, Attributes: attributes })).status).toBe(400);
  });

  test('anew before it ends, under its name', async () => {
    const store = openStore(workingDirectory());
    let time = Date.now();
    const keeper = createCertificateKeeper(store, () => time);
    const contents = await keeper.prepare([{ Name: 'x.pem', Attributes: { ...Attributes, CN: 'x' } }]);
    const collection = openCollection(store, 'Certificates', 'instance');
    await keeper.settle('instance', contents, await collection.put('create', contents));
    const kept = async () => (await store.Certificates.instance.find('x.pem'))?.content['Content'];
    const first = await kept();
    time += 100 * 86_400_000;
    await keeper.renew();
    expect(await kept()).toBe(first);
    time += 60 * 86_400_000;
    await keeper.renew();
    const second = await kept();
    expect(second).not.toBe(first);
    await keeper.renew();
    expect(await kept()).toBe(second);
  });
});
