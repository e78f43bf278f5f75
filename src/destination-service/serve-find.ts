import express, { type Request, type Response, type Router } from 'express';
import type { User } from '../authorization/principal.ts';
import { isDestinationName } from '../destinations/destination-name.ts';
import { conditionStatus, etagOf } from './etag.ts';
import { type FindOptions, findDestination } from './find-destination.ts';
import { readFindRequest } from './find-request.ts';
import { readLevel } from './gather.ts';
import { notFound, refusal } from './refusal.ts';
import type { Caller } from './service-token.ts';

/** Find, v1 and v2 (destination-service.md 4.2 to 4.5). @param userOf the user that a token of ours stands for */
export function serveFind(options: FindOptions, userOf: (caller: Caller) => User | undefined): Router {
  const router = express.Router();
  router.get('/v1/destinations/:name', (request, response) => answer(request, response, request.params.name, 'v1'));
  router.get('/v2/destinations/:name', (request, response) => answer(request, response, request.params.name, 'v2'));

  async function answer(request: Request, response: Response, asked: string, version: 'v1' | 'v2'): Promise<void> {
    const { name, level = 'instance' } = version === 'v2' ? readLevel(asked) : { name: asked };
    const at = version === 'v2' ? level : undefined;
    const isName = (text: string) => isDestinationName(version === 'v2' ? readLevel(text).name : text);
    const wanted = readFindRequest((header) => request.get(header)?.trim() || undefined, request.query, isName);
    if (!isDestinationName(name)) throw refusal(404, notFound);
    const found = await findDestination(options, name, at, wanted, userOf(response.locals['caller'] as Caller));
    const etag = etagOf(found.stable);
    response.set('etag', `"${etag}"`);
    const status = conditionStatus(etag, request.get('if-match'), request.get('if-none-match'));
    if (status === undefined) response.json(found.whole);
    else response.status(status).end();
  }
  return router;
}
