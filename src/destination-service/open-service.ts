import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { User } from '../authorization/principal.ts';
import type { Environment } from '../config/environment.ts';
import type { DefaultTrust } from '../config/key-store-trust.ts';
import type { ProviderFetch } from '../login/provider-fetch.ts';
import { createTokens } from '../tokens/obtain-credential.ts';
import { answerRefusal, type TellFailure } from './answer-refusal.ts';
import { type CertificateKeeper, createCertificateKeeper } from './certificate-keeper.ts';
import type { Identity } from './identity.ts';
import { createParseFlat } from './parse-flat.ts';
import { refusal } from './refusal.ts';
import { rememberUsers } from './remember-users.ts';
import { serveCollections } from './serve-collections.ts';
import { serveFind } from './serve-find.ts';
import { serveTokenEndpoint } from './serve-token-endpoint.ts';
import { serveTrust } from './serve-trust.ts';
import { type Caller, verifyServiceToken } from './service-token.ts';
import { openStore } from './store.ts';
import { createStoredKeyStores } from './stored-key-stores.ts';
import { createVerifyUserToken } from './verify-user-token.ts';

export interface ServiceOptions {
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly identity: Identity;
  readonly defaultTrust: DefaultTrust;
  /** Judges tokens of the configured identity providers. @throws AppError */
  readonly verifyOfProviders: (token: string) => Promise<User>;
  /** How `x_user_token.jwks_uri` is asked: by the environment's proxy. */
  readonly fetchKeys: ProviderFetch;
  /** Where the service is reached; known when it listens. */
  readonly origin: () => string;
  readonly tellFailure: TellFailure;
}

/** Characters of path and query (destination-service.md section 4). */
const longestPath = 4_000;

/** Builds the embedded Destination service: token endpoint, then the API behind a token of it. */
export function openService(options: ServiceOptions): Express {
  const { workingDirectory, environment, identity, defaultTrust, verifyOfProviders, fetchKeys, origin, tellFailure } =
    options;
  const store = openStore(workingDirectory);
  const users = rememberUsers();
  const env = environment.get;
  const now = Date.now;
  const parse = createParseFlat({
    keyStores: createStoredKeyStores(store),
    defaultTrust,
    env,
    now,
  });
  const verifyUserToken = createVerifyUserToken(verifyOfProviders, fetchKeys);
  const find = { store, tokens: createTokens(), parse, env, now, identity, verifyUserToken };

  const keeper = createCertificateKeeper(store, now);
  keepRenewing(keeper, tellFailure);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use((request, response, next) => {
    // Answers hold secrets: nobody in between keeps them.
    response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (request.originalUrl.length > longestPath) throw refusal(414, `Path and query are longer than ${longestPath}`);
    next();
  });
  app.get('/health', (_request, response) => void response.json({ status: 'UP' }));
  app.use(serveTokenEndpoint({ identity, verifyUser: verifyOfProviders, remember: users.remember }, origin));
  app.use('/destination-configuration', async (request: Request, response: Response, next: NextFunction) => {
    response.locals['caller'] = await verifyServiceToken(identity, request.get('authorization'));
    next();
  });
  app.use('/destination-configuration', (request: Request, response: Response, next: NextFunction) => {
    const { user } = response.locals['caller'] as Caller;
    if (user && request.method !== 'GET')
      throw refusal(403, 'A token of a user may not change anything; use one of the client');
    next();
  });
  app.use('/destination-configuration', serveFind(find, users.userOf));
  app.use('/destination-configuration', serveCollections(store, keeper));
  app.use('/destination-configuration', serveTrust(defaultTrust, identity.subaccountId));
  app.delete('/destination-configuration/maintenance/v1/caches/ias', (_request, response) => void response.end());
  app.use(() => {
    throw refusal(404, 'There is no such resource');
  });
  app.use(answerRefusal(tellFailure));
  return app;
}

/** Milliseconds between looks at certificates that renew themselves: the shortest lead time is half a day. */
const look = 3_600_000;

function keepRenewing(keeper: CertificateKeeper, tellFailure: TellFailure): void {
  const renew = () =>
    keeper.renew().catch((cause) => tellFailure(refusal(500, 'A certificate cannot be renewed', cause)));
  void renew();
  setInterval(renew, look).unref();
}
