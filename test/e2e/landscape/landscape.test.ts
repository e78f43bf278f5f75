import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { close, listen } from '../../../demo/landscape/http/listen.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { type WorkingEnvironment, writeWorkingDirectory } from '../../../demo/landscape/write-working-directory.ts';
import { postForm } from './post-form.ts';

let landscape: Landscape;
let directory: string;
let environment: WorkingEnvironment;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'landscape-'));
  landscape = await startLandscape();
  environment = await writeWorkingDirectory(landscape, directory);
});
afterAll(async () => {
  await landscape.stop();
  rmSync(directory, { recursive: true });
});

type Flat = Record<string, string>;
const destinations = () => JSON.parse(readFileSync(path.join(directory, 'destinations.json'), 'utf8')) as Flat[];
const named = (name: string) => destinations().find(({ Name }) => Name === name) ?? {};
/** A reference to a variable of the environment instead of a secret. */
const variable = /^\$\{env:LANDSCAPE_ENTRA_CLIENT_SECRET\}$/;
const keyStore = (file: string) => path.join(directory, 'keystores', file);

describe('the servers', () => {
  it('keep a connection longer than a busy machine stands still', async () => {
    for (const { url } of [landscape.graph, landscape.successFactors]) {
      const answer = await fetch(url);
      await answer.text();
      expect(answer.headers.get('keep-alive')).toBe('timeout=65');
    }
  });
});

describe('the working directory', () => {
  it('has the destinations of the demo, with nothing but strings in them', () => {
    expect(destinations().map(({ Name }) => Name)).toEqual([
      'graph-user',
      'graph-user-assertion',
      'graph-technical',
      'graph-technical-secret',
      'successfactors',
      'ias-api',
      'ias-user',
    ]);
    for (const value of destinations().flatMap((destination) => Object.values(destination)))
      expect(typeof value).toBe('string');
  });

  it('asks on behalf of the user for Graph, once by secret and once by a minted assertion', () => {
    const common = {
      Authentication: 'OAuth2JWTBearer',
      URL: landscape.graph.url,
      tokenServiceURL: landscape.entra.tokenUrl,
      clientId: landscape.entra.client.id,
      scope: 'https://graph.microsoft.com/.default',
      'tokenService.body.requested_token_use': 'on_behalf_of',
    };
    expect(named('graph-user')).toMatchObject({ ...common, clientSecret: expect.stringMatching(variable) as unknown });
    expect(named('graph-user-assertion')).toMatchObject({
      ...common,
      'clientAssertion.KeyStoreLocation': 'entra-client.p12',
    });
    expect(named('graph-user-assertion')).not.toHaveProperty('clientSecret');
  });

  it('describes SuccessFactors with its own key pair, and IAS with mutual TLS', () => {
    expect(named('successfactors')).toMatchObject({
      Authentication: 'OAuth2SAMLBearerAssertion',
      audience: 'www.successfactors.com',
      clientKey: landscape.successFactors.apiKey,
      apiKey: landscape.successFactors.apiKey,
      companyId: landscape.successFactors.companyId,
      KeyStoreLocation: 'successfactors-signing.p12',
      skipUserUuidInSAMLAttributes: 'true',
    });
    expect(named('ias-api')).toMatchObject({
      Authentication: 'OAuth2ClientCredentials',
      'tokenService.KeyStoreLocation': 'ias-client.p12',
      TrustStoreLocation: 'landscape-ca.pem',
    });
    expect(named('ias-api')).not.toHaveProperty('clientSecret');
  });

  it('holds no secret in destinations.json: every variable it names is in the environment', () => {
    const text = readFileSync(path.join(directory, 'destinations.json'), 'utf8');
    const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => name);
    expect(variables.length).toBeGreaterThan(0);
    for (const name of variables) {
      expect(environment[name]).toBeTruthy();
      expect(text).not.toContain(environment[name]);
    }
    expect(environment).toMatchObject({
      OIDC_ISSUER: landscape.entra.issuer,
      OIDC_CLIENT_ID: landscape.entra.client.id,
      OIDC_CLIENT_SECRET: landscape.entra.client.secret,
    });
    expect(text).not.toContain(landscape.entra.client.secret);
  });

  it('has key stores that OpenSSL opens with their passwords only, encrypted with AES, readable by the owner', () => {
    const stores = {
      'entra-client.p12': 'LANDSCAPE_ENTRA_KEYSTORE_PASSWORD',
      'successfactors-signing.p12': 'LANDSCAPE_SUCCESSFACTORS_KEYSTORE_PASSWORD',
      'ias-client.p12': 'LANDSCAPE_IAS_KEYSTORE_PASSWORD',
    };
    for (const [file, variable] of Object.entries(stores)) {
      const open = (password: string) =>
        execFileSync('openssl', ['pkcs12', '-in', keyStore(file), '-passin', 'env:PASSWORD', '-info', '-noenc'], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
          env: { ...process.env, PASSWORD: password },
        });
      expect(open(environment[variable] ?? '')).toContain('BEGIN PRIVATE KEY');
      expect(() => open('guess')).toThrow();
      expect(statSync(keyStore(file)).mode & 0o077).toBe(0);
    }
    expect(readdirSync(path.join(directory, 'keystores')).sort()).toEqual(
      [...Object.keys(stores), 'landscape-ca.pem'].sort(),
    );
  });

  it('has the authority that issued both certificates, as OpenSSL sees it', () => {
    const verify = (certificate: string) =>
      execFileSync('openssl', ['verify', '-CAfile', keyStore('landscape-ca.pem')], {
        encoding: 'utf8',
        input: certificate,
      });
    expect(verify(landscape.keys.server.certificate)).toContain('OK');
    expect(verify(landscape.ias.client.certificate.certificate)).toContain('OK');
  });
});

describe('the landscape', () => {
  it('is frozen, part by part', () => {
    for (const part of [
      landscape,
      landscape.entra,
      landscape.entra.client,
      landscape.graph,
      landscape.successFactors,
      landscape.ias,
      landscape.hooks,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('records calls, and shows of them nothing secret unless asked for it', async () => {
    landscape.calls.clear();
    const secret = 'a-secret-in-a-body';
    await postForm(
      landscape.entra.tokenUrl,
      { grant_type: 'client_credentials', client_secret: secret },
      { authorization: 'Basic YTpi' },
    );
    const [call] = landscape.calls.entra;
    expect(call).toMatchObject({
      service: 'entra',
      method: 'POST',
      path: new URL(landscape.entra.tokenUrl).pathname,
      grant: 'client_credentials',
      status: 400,
    });
    expect(call?.full).toMatchObject({
      headers: { authorization: 'Basic YTpi' },
      body: expect.stringContaining(secret) as unknown,
    });
    for (const shown of [JSON.stringify(call), inspect(call)]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain('YTpi');
    }
    landscape.calls.clear();
    expect(landscape.calls.entra).toHaveLength(0);
  });

  it('starts on the ports it is given, and gives up cleanly when one is taken', async () => {
    const taken = createServer();
    const port = await listen(taken);
    await expect(startLandscape({ keys: landscape.keys, ports: { ias: port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await close(taken);
    const second = await startLandscape({ keys: landscape.keys, ports: { ias: port } });
    expect(second.ias.origin).toBe(`https://localhost:${port}`);
    await second.stop();
  });

  it('calls Graph by another name when told to', async () => {
    const graphResource = 'https://graph.example.com';
    const second = await startLandscape({ keys: landscape.keys, graphResource });
    try {
      expect(second.graph.defaultScope).toBe(`${graphResource}/.default`);
      const { id, secret } = second.entra.client;
      const fields = { grant_type: 'client_credentials', client_id: id, client_secret: secret };
      const { body } = await postForm(second.entra.tokenUrl, { ...fields, scope: second.graph.defaultScope });
      const headers = { authorization: `Bearer ${String(body['access_token'])}` };
      expect((await fetch(`${second.graph.url}/users`, { headers })).status).toBe(200);
      const live = await postForm(second.entra.tokenUrl, { ...fields, scope: landscape.graph.defaultScope });
      expect(live.body).toMatchObject({ error_codes: [500011] });
    } finally {
      await second.stop();
    }
  });

  it('lives beside another one, whose clients and keys are its own', async () => {
    const second = await startLandscape();
    try {
      const fields = {
        grant_type: 'client_credentials',
        client_id: landscape.entra.client.id,
        client_secret: landscape.entra.client.secret,
      };
      const answer = await postForm(second.entra.tokenUrl, { ...fields, scope: second.graph.defaultScope });
      expect(answer.body).toMatchObject({ error_codes: [7000215] });
      expect(second.keys.directory.thumbprints).not.toEqual(landscape.keys.directory.thumbprints);
    } finally {
      await second.stop();
    }
    await expect(fetch(second.entra.discoveryUrl)).rejects.toThrow('fetch failed');
  });
});
