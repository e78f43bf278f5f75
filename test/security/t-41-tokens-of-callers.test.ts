import { createHmac } from 'node:crypto';
import { base64url, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { clientId } from '../e2e/approuter/support/open-xsuaa.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-41 and T-72. @sap/xssec let privileges be escalated by tokens it should not have believed (CVE-2023-49583, 9.1);
 * others took `none` for an algorithm, a public key for a secret, or a key from where the token said it was.
 *
 * What must hold: a token that a caller presents counts only when the provider configured here signed it, for this
 * application, and it lives; nothing in it decides where keys are fetched from.
 */
let gate: Gate;
let elsewhere: Backend;
beforeAll(async () => {
  elsewhere = await openBackend();
  gate = await openGate(usualRoutes);
});
beforeEach(() => {
  gate.backend.forget();
  elsewhere.forget();
});

const present = async (token: string, header = 'x-approuter-authorization') =>
  (await gate.ask('/quay/', { headers: { [header]: `Bearer ${token}`, accept: 'application/json' } })).status;
const json = (value: unknown) => base64url.encode(JSON.stringify(value));
const now = () => Math.floor(Date.now() / 1000);

test('a good one is let in, and only under the header that is for it', async () => {
  expect(await present(await gate.xsuaa.sign())).toBe(200);
  expect(await present(await gate.xsuaa.sign(), 'authorization')).toBe(401);
});

describe('refused is a token', () => {
  test.each<[what: string, claims: () => Record<string, unknown>]>([
    ['without an audience', () => ({ aud: undefined, cid: 'sb-other' })],
    ['for another client', () => ({ aud: ['sb-other'], cid: 'sb-other' })],
    ['for a client whose name begins like ours', () => ({ aud: [`${clientId}x`, 'harbour!t77'] })],
    ['whose audience is ours as a path', () => ({ aud: [`x.${clientId}`] })],
    ['of another issuer', () => ({ iss: 'https://evil.example/oauth/token' })],
    ['whose issuer begins like ours', () => ({ iss: `${gate.xsuaa.origin}/oauth/token.evil.example` })],
    ['without an issuer', () => ({ iss: undefined })],
    ['without an end', () => ({ exp: undefined })],
    ['that has ended', () => ({ exp: now() - 120 })],
    ['whose end is no number', () => ({ exp: '9999999999' })],
    ['that is not valid yet', () => ({ nbf: now() + 600 })],
    ['whose audience is no text', () => ({ aud: { [clientId]: true } })],
  ])('%s', async (_, claims) => {
    expect(await present(await gate.xsuaa.sign(claims()))).toBe(401);
    expect(gate.backend.calls).toEqual([]);
  });

  test('signed by another key, with every name for it', async () => {
    expect(await present(await gate.xsuaa.forge())).toBe(401);
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwk = await exportJWK(publicKey);
    elsewhere.answer(
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ keys: [{ ...jwk, kid: 'evil', alg: 'RS256' }] }),
    );
    for (const header of [
      { jwk },
      { jku: `${elsewhere.origin}/keys`, kid: 'evil' },
      { x5u: `${elsewhere.origin}/keys` },
      { kid: `${elsewhere.origin}/keys` },
      { kid: '../../../../dev/null' },
      { kid: "' OR 1=1" },
      { kid: 'key-1' },
      { kid: '__proto__' },
      { x5c: ['MIIB'] },
      { kid: '' },
      { jku: `${gate.xsuaa.origin}@${new URL(elsewhere.origin).host}/keys` },
      { crit: ['exp'], exp: 1 },
      { b64: false, crit: ['b64'] },
    ]) {
      const claims = gate.xsuaa.payload() as Record<string, unknown>;
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', ...header } as never)
        .sign(privateKey)
        .catch(() => `${json({ alg: 'RS256', ...header })}.${json(claims)}.c2ln`);
      expect([header, await present(token)]).toEqual([header, 401]);
    }
    expect(elsewhere.calls, 'nobody is asked for keys that a token names').toEqual([]);
  });

  // H69 of token-flows.md.
  test.each(['none', 'None', 'NONE', 'nOnE', '', 'HS256', 'hs256', 'RS256 ', 'ES256', 'PS256', 'dir', 'RSA-OAEP'])(
    'of the algorithm %j',
    async (alg) => {
      const input = `${json({ alg, kid: 'key-1', typ: 'JWT' })}.${json(gate.xsuaa.payload())}`;
      const signature = base64url.encode(createHmac('sha256', gate.xsuaa.publicPem).update(input).digest());
      for (const token of [`${input}.`, input, `${input}.${signature}`, `${input}.${base64url.encode('x')}`])
        expect(await present(token)).toBe(401);
    },
  );

  test('that was changed in any of its parts', async () => {
    const [head = '', body = '', signature = ''] = (await gate.xsuaa.sign()).split('.');
    const admin = json({ ...gate.xsuaa.payload(), scope: ['harbour!t7.Master'] });
    for (const token of [
      `${head}.${admin}.${signature}`,
      `${head}.${body}.${signature.slice(0, -4)}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${head}..${signature}`,
      `.${body}.${signature}`,
      `${head}.${body}.${signature}.x`,
      `${head}.${body}.${signature}.x.y`,
      `${signature}.${body}.${head}`,
      '..',
      '.',
      'x',
      'null',
      '[]',
      `${head}.${body}.${signature}=`,
      `${head}.${body}.${'A'.repeat(342)}`,
    ])
      expect([token.length, await present(token)]).toEqual([token.length, 401]);
  });

  test('that is encrypted, nested or enormous, at once', async () => {
    const begun = performance.now();
    const bomb = `${json({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_000_000_000, p2s: 'eA', zip: 'DEF' })}.e30.e30.e30.e30`;
    for (const token of [
      bomb,
      `${json({ alg: 'RS256' })}.${'A'.repeat(40_000)}.c2ln`,
      'A'.repeat(50_000),
      `${'.'.repeat(20_000)}`,
    ])
      expect([400, 401, 431]).toContain(await present(token).catch(() => 431));
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test('named otherwise than Bearer, or twice', async () => {
    const token = await gate.xsuaa.sign();
    for (const value of [
      token,
      `Basic ${token}`,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer  `,
      `Bearer ${token} x`,
      `bearer:${token}`,
    ])
      expect((await gate.ask('/quay/', { headers: { 'x-approuter-authorization': value } })).status).toBe(401);
  });
});

test('a token with claims like __proto__ changes nothing for anybody', async () => {
  const claims = JSON.parse(
    '{"__proto__":{"scope":["harbour!t7.Master"],"admin":true},"constructor":{"prototype":{"admin":true}}}',
  ) as Record<string, unknown>;
  expect(await present(await gate.xsuaa.sign({ ...claims, sub: 'p' }))).toBe(200);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
  const token = await gate.xsuaa.sign({ ...claims, sub: 'q' });
  expect((await gate.ask('/admin/', { headers: { 'x-approuter-authorization': `Bearer ${token}` } })).status).toBe(403);
});
