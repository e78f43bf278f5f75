import { describe, expect, test } from 'vitest';
import { ownDoors } from '../../../routes/index.ts';
import { compileConfig } from '../../../src/compile-config.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { ownPaths } from '../../../src/own-paths.ts';
import { makeHouse, type Setup, xsuaaBinding } from '../../support/make-house.ts';

describe('the paths that are told as the own ones are those that have a door', () => {
  const everything = {
    logout: { logoutEndpoint: '/out', backChannelLogoutEndpoint: '/out-behind' },
    login: { callbackEndpoint: '/back' },
    whitelistService: { endpoint: '/framing' },
    pluginMetadataEndpoint: '/plugins',
  };
  const bound = { VCAP_SERVICES: xsuaaBinding };
  test.each<[string, Setup]>([
    ['nothing configured', { xsApp: {} }],
    ['a provider', { xsApp: {}, env: bound }],
    ['everything', { xsApp: everything, env: { ...bound, PORTUNUS_EMBEDDED_IN: 'https://portal.example' } }],
    ['everything, without login', { xsApp: { ...everything, authenticationMethod: 'none' }, env: bound }],
  ])('%s', async (_, setup) => {
    const { house } = await makeHouse(setup);
    const told = [...ownPaths(house.config, compileConfig(house.config, new Problems())).keys()];
    expect(told.sort()).toEqual(
      ownDoors(house)
        .map(({ path }) => path)
        .sort(),
    );
  });
});
