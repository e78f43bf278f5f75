import express, { type Request, type Router } from 'express';
import type { Collection } from './collection.ts';
import type { Label } from './filter.ts';
import { isObject } from './flat.ts';
import { refusal } from './refusal.ts';

/** At most (destination-service.md 4.1). */
const mostLabels = 10;
const mostValues = 10;

/** Labels of one thing: all of them, replaced, or some added or removed (4.1). */
export function serveLabels(collection: Collection): Router {
  const router = express.Router({ mergeParams: true });
  const nameOf = (request: Request) => String((request.params as Record<string, string>)['name']);
  router.get('/', async (request, response) => {
    response.json((await collection.get(nameOf(request))).labels);
  });
  router.put('/', async (request, response) => {
    const { name } = await collection.get(nameOf(request));
    const labels = readLabels(request.body);
    await collection.note(name, (note) => ({ ...note, labels }));
    response.json(labels);
  });
  router.patch('/', async (request, response) => {
    const { name } = await collection.get(nameOf(request));
    const { action, labels: given } = isObject(request.body) ? request.body : {};
    if (action !== 'ADD' && action !== 'DELETE') throw refusal(400, 'action must be ADD or DELETE');
    const change = readLabels(given);
    let labels: readonly Label[] = [];
    await collection.note(name, (note) => {
      labels = checked((action === 'ADD' ? added : removed)(note.labels ?? [], change));
      return { ...note, labels };
    });
    response.json(labels);
  });
  return router;
}

function readLabels(body: unknown): readonly Label[] {
  if (!Array.isArray(body)) throw refusal(400, 'Labels are an array of {"key": …, "values": […]}');
  return checked(
    body.map((one: unknown): Label => {
      const { key, values } = isObject(one) ? one : {};
      const texts = Array.isArray(values) && values.every((value) => typeof value === 'string') ? values : undefined;
      if (typeof key !== 'string' || key === '' || texts === undefined)
        throw refusal(400, 'A label is {"key": …, "values": […]}, all of them texts');
      return { key, values: [...new Set(texts)] };
    }),
  );
}

function checked(labels: readonly Label[]): readonly Label[] {
  if (new Set(labels.map(({ key }) => key)).size < labels.length) throw refusal(400, 'The key of a label is repeated');
  if (labels.length > mostLabels || labels.some(({ values }) => values.length > mostValues))
    throw refusal(400, `There may be ${mostLabels} labels with ${mostValues} values each`);
  return labels;
}

function added(before: readonly Label[], change: readonly Label[]): Label[] {
  const keys = [...new Set([...before, ...change].map(({ key }) => key))];
  const valuesOf = (labels: readonly Label[], key: string) => labels.find((one) => one.key === key)?.values ?? [];
  return keys.map((key) => ({ key, values: [...new Set([...valuesOf(before, key), ...valuesOf(change, key)])] }));
}

function removed(before: readonly Label[], change: readonly Label[]): Label[] {
  return before.flatMap(({ key, values }) => {
    const gone = change.find((one) => one.key === key);
    const left = gone === undefined ? values : values.filter((value) => !gone.values.includes(value));
    return left.length === 0 || gone?.values.length === 0 ? [] : [{ key, values: left }];
  });
}
