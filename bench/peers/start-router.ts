import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/start-pinned.ts';
import type { TokenService } from '../world/start-token-service.ts';
import type { World } from '../world/world.ts';
import type { Contestant } from './peer.ts';

/** How a router differs from the usual one. */
export interface RouterOptions {
  /** Routes in xs-app.json; the one that is asked for is the last. */
  readonly routes?: number;
  readonly tokenService?: TokenService;
  /** Origin of a backend for streams: WebSockets and uploads without a CSRF token go there, too. */
  readonly streamBackend?: string;
  /** Beside the usual environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of another checkout of this project, whose router is to run. */
  readonly checkout?: string;
  /** Options for node. */
  readonly nodeOptions?: readonly string[];
}

const ours = fileURLToPath(new URL('../../', import.meta.url));

/** Starts a router as its owner would, with a route to the backend that asks for a login and shows the user's token. */
export async function startRouter(world: World, name: string, options: RouterOptions = {}): Promise<Contestant> {
  const { routes = 10, tokenService = world.tokenService, checkout = ours, nodeOptions = [] } = options;
  const { streamBackend, env = {} } = options;
  const keepCompiled = pathToFileURL(path.join(checkout, 'src/keep-compiled.js')).href;
  const port = await freePort();
  const home = world.makeDirectory('router');
  writeFileSync(path.join(home, 'xs-app.json'), JSON.stringify(xsApp(routes, streamBackend !== undefined)));
  writeFileSync(
    path.join(home, 'destinations.json'),
    JSON.stringify([destination(streamBackend ?? world.backend.origin, tokenService)]),
  );
  const started = await startPinned({
    command: [
      process.execPath,
      ...nodeOptions,
      '--import',
      keepCompiled,
      path.join(checkout, 'src/main.ts'),
      '-w',
      home,
    ],
    env: {
      PORT: String(port),
      XS_BIND_ADDRESS: '127.0.0.1',
      NODE_ENV: 'production',
      OIDC_ISSUER: tokenService.issuer,
      OIDC_CLIENT_ID: tokenService.client.id,
      OIDC_CLIENT_SECRET: tokenService.client.secret,
      ...env,
    },
    core: world.tools.cores.router,
    port,
  });
  world.atEnd(started.stop);
  return { ...started, name, origin: `http://127.0.0.1:${port}`, cookies: [], credential: 'bearer' };
}

function xsApp(routes: number, streams: boolean): object {
  return streams ? { websockets: { enabled: true }, routes: routesOf(routes, false) } : { routes: routesOf(routes) };
}

function routesOf(count: number, csrfProtection = true): object[] {
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    source: `^/area-${index}/(.*)$`,
    target: '/$1',
    destination: 'backend',
  }));
  return [...others, { source: '^/api/(.*)$', target: '/api/$1', destination: 'backend', csrfProtection }];
}

/** A token in the user's name by JWT bearer: what On-Behalf-Of is, too. */
function destination(backend: string, { issuer, client }: TokenService): object {
  return {
    Name: 'backend',
    Type: 'HTTP',
    ProxyType: 'Internet',
    URL: backend,
    Authentication: 'OAuth2JWTBearer',
    tokenServiceURLType: 'Dedicated',
    tokenServiceURL: `${issuer}/token`,
    clientId: client.id,
    clientSecret: client.secret,
  };
}
