import express, { type Express } from 'express';
import { doors } from '../routes/index.ts';
import { acceptArrival, requestId } from './accept/arrival.ts';
import { refuseFraming } from './accept/refuse-framing.ts';
import { refusePlainHttp } from './accept/refuse-plain-http.ts';
import { runErrorSlot } from './extensions.ts';
import type { House } from './house.ts';
import { refuseAmbiguousTarget } from './routing/refuse-target.ts';

/** Builds the express app: accept, doors, error handler, nothing else. WebSocket upgrades come by the same way. */
export function buildApp(house: House): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false); // queries are matched and forwarded as they came
  app.set('trust proxy', house.trusts); // express-session asks express whether the connection is secure
  app.use((request, response, next) => {
    // Before anything can fail: whatever is answered has an id that the log knows too.
    const id = requestId(request, house.trusts);
    response.locals['requestId'] = id;
    house.answerHeaders(response, id);
    refuseFraming(request);
    next();
  });
  app.use(house.extensions.slots.first);
  app.use((request, response, next) => {
    request.arrival = acceptArrival(request, house.trusts, String(response.locals['requestId']));
    refuseAmbiguousTarget(request.arrival.url);
    refusePlainHttp(request.arrival, house.config.settings.secureSessionCookie ?? house.embedding !== undefined);
    // Browsers ask nobody before they open a WebSocket; its origin is judged by rules of its own (xs-app.md 8.8).
    if (request.tunnel !== undefined) return next();
    const cors = house.cors(request.arrival, request.headers);
    if (cors.kind !== 'none') for (const [name, value] of Object.entries(cors.headers)) response.setHeader(name, value);
    if (cors.kind === 'preflight') response.end();
    else next();
  });
  app.use(doors(house));
  app.use((cause: unknown, request: express.Request, response: express.Response, next: express.NextFunction) => {
    const { beforeErrorHandler } = house.extensions.slots;
    runErrorSlot(beforeErrorHandler, cause, request, response).then((error) => {
      if (error !== undefined) house.answerError(error, request, response);
    }, next);
  });
  return app;
}
