import type { IncomingMessage } from 'node:http';
import express, { type Express } from 'express';
import { doors } from '../routes/index.ts';
import { giveHeaders } from './accept/answer-headers.ts';
import { acceptArrival, requestId } from './accept/arrival.ts';
import type { Cors } from './accept/cors.ts';
import { follow } from './accept/follow.ts';
import { refuseFraming } from './accept/refuse-framing.ts';
import { refusePlainHttp } from './accept/refuse-plain-http.ts';
import { runErrorSlot, slotFor } from './extensions.ts';
import type { House } from './house.ts';
import type { Inspector } from './inspector/open-inspector.ts';
import { within } from './observe/way.ts';
import { refuseAmbiguousTarget } from './routing/refuse-target.ts';

/**
 * Builds the express app: accept, doors, error handler, nothing else. WebSocket upgrades come by the same way.
 * @param inspector of the process, where there is one
 */
export function buildApp(house: House, inspector?: Inspector): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false); // queries are matched and forwarded as they came
  app.set('trust proxy', house.trusts); // express-session asks express whether the connection is secure
  const idOf = (request: IncomingMessage) => (request.id ??= requestId(request, house.trusts));
  giveHeaders(app.response, house.answerHeaders, idOf);
  const { handleWebSocketExt } = house.config.settings;
  app.use((request, response, next) => {
    refuseFraming(request); // before own handlers read a body
    const first = slotFor(house.extensions, 'first', handleWebSocketExt, request);
    if (first.stack.length === 0) next();
    else first(request, response, next);
  });
  const enter = doors(house, inspector);
  app.use((request, response) => {
    const id = idOf(request);
    request.arrival = acceptArrival(request, house.trusts, id);
    request.way = follow(house.observer, request, response, id);
    refuseAmbiguousTarget(request.arrival.url);
    refusePlainHttp(request.arrival, house.config.settings.secureSessionCookie ?? house.embedding !== undefined);
    // Browsers ask nobody before they open a WebSocket; its origin is judged by rules of its own (xs-app.md 8.8).
    if (request.tunnel === undefined && answerCors(house.cors, request, response)) return undefined;
    return request.way === undefined ? enter(request, response) : within(request.way, () => enter(request, response));
  });
  app.use((cause: unknown, request: express.Request, response: express.Response, next: express.NextFunction) => {
    const { beforeErrorHandler } = house.extensions.slots;
    // Refused before it was followed: its end is told all the same.
    request.way ??= follow(house.observer, request, response, idOf(request));
    runErrorSlot(beforeErrorHandler, cause, request, response).then((error) => {
      if (error !== undefined) house.answerError(error, request, response);
    }, next);
  });
  return app;
}

/** Says what CORS has to say. @returns whether that is the whole answer */
function answerCors(cors: Cors, request: express.Request, response: express.Response): boolean {
  const verdict = cors(request.arrival, request.headers);
  if (verdict.kind === 'none') return false;
  for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
  if (verdict.kind !== 'preflight') return false;
  response.end();
  return true;
}
