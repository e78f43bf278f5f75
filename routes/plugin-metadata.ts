import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { compileSource } from '../src/routing/compile-route.ts';
import type { Door } from './door.ts';

/**
 * The list of plugins with the properties they were given (xs-app.md 8.6), in the order they were given; where login is on,
 * for those who are logged in.
 */
export function pluginMetadataDoor(house: House, path: string): Door {
  const { environment, settings } = house.config;
  const written: readonly object[] = JSON.parse(environment.get('plugins') ?? '[]');
  const list = settings.plugins.map((plugin, index) => ({
    ...written[index],
    ...plugin,
    source: compileSource(plugin.source).source,
  }));
  return {
    path,
    methods: {
      async GET(request, response) {
        if (house.loginIsOn && house.parties.size > 0) {
          const session = await house.sessions.find(request);
          if (session?.data.login === undefined) throw new AppError({ code: 'ERR_LOGIN_REQUIRED', status: 401 });
        }
        response.json(list);
      },
    },
  };
}
