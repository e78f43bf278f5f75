import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/commands/command.ts';
import { run } from '../../../src/commands/explain-session.ts';
import type { SessionExplanation, Story } from '../../../src/explain/session-explanation.ts';
import { callCommand } from '../../support/call-command.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';

const login = { OIDC_ISSUER: 'https://login.example', OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush-hush' };
const secret = 's'.repeat(64);

interface Setting {
  readonly xsApp?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Files;
  readonly args?: readonly string[];
}

const call = ({ xsApp = {}, env = login, files = {}, args = [] }: Setting) =>
  callCommand(run, workingDirectory({ 'xs-app.json': xsApp, ...files }), args, env);

async function explained(setting: Setting): Promise<SessionExplanation> {
  const { status, out, err } = await call({ ...setting, args: ['--format=json', ...(setting.args ?? [])] });
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out);
}

/** `who: minutes what…`, of the events only their first words. */
const briefly = (stories: readonly Story[] = []) =>
  stories.map(({ events }) => events.map(({ minutes, what }) => `${minutes} ${what.split(/[;:]/)[0]}`).join(', '));

describe('which clock wins', () => {
  test('with the defaults: idle time, longest life, and a token that is renewed', async () => {
    const { outcome, clocks, logins, notes } = await explained({});
    expect(outcome).toBe(
      "a session ends 15 minutes after its last request, and 24 hours after it began at the latest; the user's token is renewed meanwhile",
    );
    expect(clocks.map(({ name, minutes, from }) => [name, minutes, from])).toEqual([
      ['idle time', 15, 'default'],
      ['longest life', 1440, 'default'],
    ]);
    expect(logins).toMatchObject([{ provider: 'oidc', tokenMinutes: 60, tokenLife: 'assumed', renewedAfter: 55 }]);
    expect(briefly(logins[0]?.stories)).toEqual([
      '15 the session ends',
      '55 the token is renewed, and so on, 1440 the session ends',
    ]);
    expect(notes).toEqual([]);
  });

  test.each<[string, Setting, string, number]>([
    ['a variable', { env: { ...login, SESSION_TIMEOUT: '2.5' } }, 'SESSION_TIMEOUT', 2.5],
    ['xs-app.json', { xsApp: { sessionTimeout: 30 } }, 'sessionTimeout in xs-app.json', 30],
    ['both', { xsApp: { sessionTimeout: 30 }, env: { ...login, SESSION_TIMEOUT: '7' } }, 'SESSION_TIMEOUT', 7],
  ])('the idle time by %s', async (_, setting, from, minutes) => {
    expect((await explained(setting)).clocks[0]).toMatchObject({ minutes, from });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['it is switched off', { JWT_REFRESH: '0' }, /JWT_REFRESH is 0/],
    ['no refresh token is asked for', { OIDC_SCOPES: 'openid profile' }, /lack offline_access/],
  ])('a token is not renewed where %s: the login ends with it', async (_, env, why) => {
    const { outcome, logins, notes } = await explained({ env: { ...login, ...env, SESSION_TIMEOUT: '90' } });
    expect(outcome).toMatch(/; the login in it ends with the user's token$/);
    expect(logins[0]?.why).toMatch(why);
    expect(logins[0]?.renewedAfter).toBeUndefined();
    expect(briefly(logins[0]?.stories)).toEqual([
      '60 the login ends, 90 the session ends',
      '60 the login ends, 1440 the session ends',
    ]);
    expect(notes).toEqual(['a login at oidc ends before the idle time does, in the midst of work']);
  });

  test('a longest life below the idle time is the only clock', async () => {
    const { outcome, logins, notes } = await explained({ env: { ...login, SESSION_MAX_AGE: '10' } });
    expect(outcome).toMatch(/^a session ends 10 minutes after it began;/);
    expect(briefly(logins[0]?.stories)).toEqual(['10 the session ends', '10 the session ends']);
    expect(notes).toEqual(['the idle time is not shorter than the longest life, and so without effect']);
  });

  test.each([
    [{ iat: 0, exp: 1800 }, 30, 25],
    [{ iat: 0, exp: 240 }, 4, 2], // shorter than the margin: at half its life
  ])('a token of a user says how long it lives: %j', async (claims, tokenMinutes, renewedAfter) => {
    const setting = { files: { 'ada.json': claims }, args: ['--as', 'ada.json'] };
    expect((await explained(setting)).logins).toMatchObject([
      { tokenMinutes, tokenLife: 'of the token given', renewedAfter },
    ]);
  });

  test('where nobody logs in there are sessions all the same', async () => {
    const { outcome, logins, doors } = await explained({ xsApp: { authenticationMethod: 'none' }, env: {} });
    expect(outcome).toMatch(/nobody logs in/);
    expect([logins, doors]).toEqual([[], []]);
  });
});

test('where sessions are kept decides whether they outlive a restart, not the secret', async () => {
  const env = { ...login, SESSION_SECRET: secret };
  expect((await explained({ env })).kept).toMatchObject({ in: 'memory', survivesRestart: false });
  const shared = { ...env, REDIS_URL: 'redis://localhost:6379' };
  expect((await explained({ env: shared })).kept).toMatchObject({ in: 'redis', survivesRestart: true });
});

test('people read it in paragraphs, with the doors where sessions end', async () => {
  const xsApp = { logout: { logoutEndpoint: '/out', logoutMethod: 'POST', backChannelLogoutEndpoint: '/back' } };
  const { out } = await call({ xsApp, env: { ...login, SESSION_TIMEOUT: '0.5', SESSION_MAX_AGE: '2970' } });
  for (const line of [
    /^→ a session ends 30 seconds after its last request, and 2 days 1 hour after it began at the latest;/,
    /^ {2}longest life {2}2 days 1 hour \(SESSION_MAX_AGE\): nothing starts it anew$/m,
    /^ {2}renewal {7}after 55 minutes: renewed by the first request/m,
    /^ {4}after 30 seconds: the session ends/m,
    /^ {2}\/out: ends the session \(POST\)$/m,
    /^ {2}\/back: ends it when the provider says so$/m,
    /^ {2}\/-\/session: GET tells when it ends/m,
  ])
    expect(out).toMatch(line);
  expect(out).not.toContain('hush-hush');
});

test('the example of docs/tools/explain.md is told as it stands there', async () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/tools/explain.md'), 'utf8');
  const [, example] = /^```\n(→ a session[\s\S]*?)^```$/m.exec(text) ?? [];
  expect((await call({})).out).toBe(example);
});

test('a configuration with problems is explained as far as it goes: status 1', async () => {
  const { status, out, err } = await call({ env: { ...login, SESSION_TIMEOUT: 'soon' } });
  expect([status, out !== '']).toEqual([1, true]);
  expect(err).toMatch(/^error: SESSION_TIMEOUT/);
});

test.each([
  [['--format', 'sarif'], /--format is one of text, json/],
  [['--as', 'nobody.json'], /cannot be read: ENOENT/],
  [['--as', 'timeless.json'], /needs exp and iat/],
])('cannot be called with %j', async (args, said) => {
  const asked = call({ files: { 'timeless.json': { sub: 'ada' } }, args });
  await expect(asked).rejects.toThrow(said);
  await expect(asked).rejects.toBeInstanceOf(UsageError);
});
