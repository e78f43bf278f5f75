import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { callbackQuery } from '../../../src/login/callback-query.ts';
import { faultsOf } from './schemas.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const manifest = parse(read('manifest.yml'));
const mta = parse(read('mta.yaml'));
const [application] = manifest.applications;
const [module] = mta.modules;
const npm = JSON.parse(read('package.json'));
/** Patterns of a list of what stays at home, without comments. */
const lines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('manifest.yml and mta.yaml', () => {
  test('say what Cloud Foundry understands', () => {
    expect(faultsOf('manifest', manifest)).toEqual([]);
    expect(faultsOf('mta', mta)).toEqual([]);
  });

  test('say the same', () => {
    const { memory, command, instances, disk_quota: disk, env } = application;
    expect(module.parameters).toMatchObject({ memory, command, instances, 'disk-quota': disk });
    expect(module.properties).toEqual(env);
    const health = Object.entries(application).filter(([name]) => name.includes('health-check'));
    expect(health).toHaveLength(6);
    expect(module.parameters).toMatchObject(Object.fromEntries(health));
    expect(mta.version).toBe(npm.version);
  });

  test('start it as npm start does, ask it at its own doors, and let it stop before the platform kills it', () => {
    expect(application.command).toBe(npm.scripts.start);
    expect(application['health-check-http-endpoint']).toBe('/-/health/live');
    expect(application['readiness-health-check-http-endpoint']).toBe('/-/health/ready');
    expect(application.env.PORTUNUS_SHUTDOWN_GRACE).toBeLessThan(10);
  });

  test('every service that is required is made, and all that is named is there', () => {
    const made = [...mta.resources, ...mta.modules.flatMap(({ provides = [] }) => provides)].map(({ name }) => name);
    const required = [...mta.modules, ...mta.resources].flatMap(({ requires = [] }) => requires);
    expect(required.length).toBeGreaterThan(0);
    for (const { name } of required) expect(made).toContain(name);
    for (const [, from] of JSON.stringify(mta.resources).matchAll(/~\{([^/}]+)\//g)) expect(made).toContain(from);
  });

  test('the identity service is told where logins and logouts really come back to, letter by letter', () => {
    const identity = mta.resources.find(
      (one: { parameters: { service: string } }) => one.parameters.service === 'identity',
    );
    const { 'redirect-uris': logins, 'post-logout-redirect-uris': logouts } =
      identity.parameters.config['oauth2-configuration'];
    expect(logins).toEqual([`~{portunus-url/url}/login/callback${callbackQuery({ kind: 'ias' })}`]);
    expect(logouts).toContain(`~{portunus-url/url}${JSON.parse(read('xs-app.json')).logout.logoutPage}`);
  });

  test.each([
    ['.cfignore', lines(read('.cfignore'))],
    ['mta.yaml', module['build-parameters'].ignore as string[]],
  ])('%s leaves secrets of the laptop at home, and takes along what the start needs', (_, patterns) => {
    const plain = patterns.map((pattern) => pattern.replace(/\/$/, ''));
    for (const secret of [
      '.git',
      '.portunus',
      'default-env.json',
      'default-services.json',
      '*.env',
      'keystores/*.key',
      'node_modules',
    ])
      expect(plain).toContain(secret);
    for (const part of [
      'package.json',
      'package-lock.json',
      'src',
      'routes',
      'client',
      'xs-app.json',
      'destinations.json',
      'keystores',
    ])
      expect(plain).not.toContain(part);
    expect(lines(read('.cfignore')).every((pattern) => !pattern.startsWith('!'))).toBe(true);
  });

  test('the files that the command names are there', () => {
    for (const file of application.command.match(/\S+\.(?:js|ts)/g))
      expect(existsSync(path.join(root, file))).toBe(true);
  });
});
