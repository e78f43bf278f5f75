import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TokenService } from '../world/start-token-service.ts';

/** Where a configuration leads. */
export interface Places {
  readonly backend: string;
  /** An origin where nobody listens. */
  readonly nobody: string;
  readonly tokenService: TokenService;
}

/** Milliseconds that the destination "slow" is waited for. */
export const slowLimit = 300;

/** Writes the routes and destinations of a soak. @param generation shown in each answer: which configuration made it */
export function writeConfiguration(home: string, places: Places, generation: number): void {
  writeFileSync(path.join(home, 'destinations.json'), JSON.stringify(destinationsAt(places)));
  writeFileSync(path.join(home, 'xs-app.json'), JSON.stringify(xsApp(generation)));
}

/** Writes a configuration that nobody can use. */
export function writeUnusable(home: string): void {
  writeFileSync(path.join(home, 'xs-app.json'), '{"routes": [{"source": "(", "destination": "nowhere"}]}');
}

export const generationHeader = 'x-generation';

function xsApp(generation: number): object {
  const below = (name: string, more: object = {}) => ({
    source: `^/${name}/(.*)$`,
    target: '/$1',
    destination: name,
    ...more,
  });
  return {
    logout: { logoutEndpoint: '/logout', logoutPage: '/public/goodbye', backChannelLogoutEndpoint: '/back-channel' },
    destinations: { user: { logoutPath: '/goodbye', logoutMethod: 'GET' } },
    websockets: { enabled: true },
    responseHeaders: [{ name: generationHeader, value: String(generation) }],
    routes: [
      below('public', { authenticationType: 'none' }),
      below('gone', { authenticationType: 'none' }),
      below('slow', { authenticationType: 'none' }),
      below('user'),
      below('technical'),
      { source: '^/harbour-master/', target: '/', destination: 'user', scope: 'HarbourMaster' },
      { source: '^/me/', target: '/', service: 'sap-approuter-userapi' },
    ],
  };
}

function destinationsAt({ backend, nobody, tokenService: { issuer, client } }: Places): object[] {
  const to = (Name: string, URL: string, more: object = {}) => ({
    Name,
    Type: 'HTTP',
    ProxyType: 'Internet',
    URL,
    Authentication: 'NoAuthentication',
    ...more,
  });
  const token = {
    tokenServiceURLType: 'Dedicated',
    tokenServiceURL: `${issuer}/token`,
    clientId: client.id,
    clientSecret: client.secret,
  };
  return [
    to('public', backend),
    to('gone', nobody),
    to('slow', backend, { 'HTML5.Timeout': String(slowLimit) }),
    to('user', backend, { Authentication: 'OAuth2JWTBearer', ...token }),
    to('technical', backend, { Authentication: 'OAuth2ClientCredentials', ...token }),
  ];
}
