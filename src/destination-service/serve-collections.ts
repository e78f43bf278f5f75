import express, { type Request, type Response, type Router } from 'express';
import type { CertificateKeeper } from './certificate-keeper.ts';
import { type Collection, type Entry, kinds, openCollection, type Put } from './collection.ts';
import { conditionStatus } from './etag.ts';
import { type Metadata, readListRequest } from './list-request.ts';
import { notFound, refusal } from './refusal.ts';
import { serveLabels } from './serve-labels.ts';
import { levels } from './shelf.ts';
import type { Kind, Store } from './store.ts';

/** A key store or certificate may have some hundred kilobytes; several may come at once. */
const largestBody = '10mb';

/** Create, read, update and delete for all that is kept (destination-service.md 4.6, 4.7, section 5). */
export function serveCollections(store: Store, keeper: CertificateKeeper): Router {
  const router = express.Router();
  const json = express.json({ limit: largestBody, strict: true, inflate: false });
  for (const kind of Object.keys(kinds) as Kind[])
    for (const level of levels) {
      const collection = openCollection(store, kind, level);
      const { nameKey } = kinds[kind];
      const path = `/v1/${level}${kind}`;
      router.get(path, (request, response) => answerList(collection, nameKey, request, response));
      for (const [method, edit, good] of [
        ['post', 'create', 201],
        ['put', 'replace', 200],
      ] as const)
        router[method](path, json, async (request, response) => {
          const { all, many } = contentsOf(request);
          const contents = kind === 'Certificates' && edit === 'create' ? await keeper.prepare(all) : all;
          const results = await collection.put(edit, contents);
          if (kind === 'Certificates') await keeper.settle(level, contents, results);
          answerPut(response, good, many, results);
        });
      if (kind !== 'DestinationFragments')
        router.delete(path, (request, response) => deleteFiltered(collection, request, response));
      router.get(`${path}/:name`, (request, response) => answerOne(collection, request, response));
      router.delete(`${path}/:name`, (request, response) => deleteOne(collection, request, response));
      if (kind === 'Certificates')
        router.get(`${path}/:name/publicKeys`, async (request, response) => {
          response.json(await keeper.publicKeys(level, request.params.name));
        });
      router.use(`${path}/:name/labels`, json, serveLabels(collection));
    }
  return router;
}

async function answerList(
  collection: Collection,
  nameKey: string,
  request: Request,
  response: Response,
): Promise<void> {
  const wanted = readListRequest(request.query, Date.now());
  const entries = await collection.list();
  switch (wanted.kind) {
    case 'names':
      return void response.json(entries.map(({ name }) => ({ [nameKey]: name })));
    case 'all':
      return void response.json(
        entries
          .filter((entry) => wanted.filter?.matches(entry) ?? true)
          .map((entry) => withMetadata(entry, wanted.metadata)),
      );
    case 'page': {
      const { page, pageSize } = wanted;
      const pages = Math.max(1, Math.ceil(entries.length / pageSize));
      if (wanted.pageCount) response.set('page-count', String(pages));
      if (wanted.entityCount) response.set('entity-count', String(entries.length));
      const links = [
        ...(page > 1 ? [linkTo(request, Math.min(page - 1, pages), pageSize, 'previous')] : []),
        ...(page < pages ? [linkTo(request, page + 1, pageSize, 'next')] : []),
      ];
      if (links.length > 0) response.set('link', links.join(', '));
      return void response.json(entries.slice((page - 1) * pageSize, page * pageSize).map(({ content }) => content));
    }
  }
}

function linkTo(request: Request, page: number, pageSize: number, rel: string): string {
  return `<${request.baseUrl}${request.path}?$page=${page}&$pageSize=${pageSize}>; rel="${rel}"`;
}

function withMetadata({ content, changedAt, etag }: Entry, wanted: readonly Metadata[]): object {
  if (wanted.length === 0) return content;
  const values = { modification_time: new Date(changedAt).toISOString(), etag } satisfies Record<Metadata, string>;
  return { ...content, $metadata: Object.fromEntries(wanted.map((name) => [name, values[name]])) };
}

async function answerOne(collection: Collection, request: Request, response: Response): Promise<void> {
  const { content, etag } = await collection.get(String(request.params['name']));
  response.set('etag', `"${etag}"`);
  const status = conditionStatus(etag, request.get('if-match'), request.get('if-none-match'));
  if (status === undefined) response.json(content);
  else response.status(status).end();
}

function contentsOf(request: Request): { readonly all: readonly unknown[]; readonly many: boolean } {
  const { body } = request as { body: unknown };
  if (body === undefined) {
    const said = request.get('content-type');
    if (said !== undefined && !request.is('application/json')) throw refusal(415, 'The body must be application/json');
    throw refusal(400, 'The body is missing');
  }
  if (Array.isArray(body) && body.length === 0) throw refusal(400, 'The body is an empty array');
  return Array.isArray(body) ? { all: body, many: true } : { all: [body], many: false };
}

/** One: its own status. Several: each has its own, and when they differ from what was hoped for the whole is 207. */
function answerPut(response: Response, good: 200 | 201, many: boolean, results: readonly Put[]): void {
  const [first] = results;
  if (many) {
    const all = results.every(({ status }) => status === good);
    return void response.status(all ? good : 207).json(results);
  }
  if (first === undefined || first.status !== good)
    throw refusal(first?.status ?? 400, first?.cause ?? 'The request is malformed');
  if (good === 201) response.status(201).end();
  else response.json({ Count: 1 });
}

async function deleteOne(collection: Collection, request: Request, response: Response): Promise<void> {
  const name = String(request.params['name']);
  if (request.get('if-match') !== undefined) {
    const { etag } = await collection.get(name);
    if (conditionStatus(etag, request.get('if-match'), undefined) === 412) return void response.status(412).end();
  }
  const [outcome] = await collection.delete([name]);
  if (outcome?.kind === 'refused') throw refusal(400, outcome.why);
  response.json({ Count: outcome?.kind === 'done' ? 1 : 0 });
}

async function deleteFiltered(collection: Collection, request: Request, response: Response): Promise<void> {
  const wanted = readListRequest(request.query, Date.now());
  const names = wanted.kind === 'all' ? wanted.filter?.names : undefined;
  if (names === undefined) throw refusal(400, "The query parameter $filter must be there, as Name in ('…')");
  const outcomes = await collection.delete(names);
  const summary = outcomes.map((outcome, index) => {
    const name = names[index];
    switch (outcome.kind) {
      case 'done':
        return { name, status: 'DELETED' };
      case 'refused':
        return { name, status: 'NOT_DELETED', reason: outcome.why };
      default:
        return { name, status: 'NOT_FOUND', reason: notFound };
    }
  });
  response.json({ Count: outcomes.filter(({ kind }) => kind === 'done').length, Summary: summary });
}
