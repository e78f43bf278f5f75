import { describe, expect, test } from 'vitest';
import { openCollection } from '../../../src/destination-service/collection.ts';
import type { Item, Shelf } from '../../../src/destination-service/shelf.ts';
import { openStore } from '../../../src/destination-service/store.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const names = Array.from({ length: 100 }, (_, n) => `d${n}`);
const destination = (Name: string) => ({ Name, Type: 'HTTP', URL: 'https://harbour.example', ProxyType: 'Internet' });

/** A landscape is created by one request; each of its destinations must not cost a look at all others. */
describe('many destinations that are written at once', () => {
  test('are read back at once', async () => {
    let looks = 0;
    const store = openStore(workingDirectory({}));
    const shelf: Shelf = store.Destinations.subaccount;
    const watched: Shelf = {
      ...shelf,
      list: () => {
        looks += 1;
        return shelf.list();
      },
      find: (name) => {
        looks += 1;
        return shelf.find(name);
      },
    };
    const Destinations = { ...store.Destinations, subaccount: watched };
    const collection = openCollection({ ...store, Destinations }, 'Destinations', 'subaccount');
    const created = await collection.put('create', [...names, 'd7'].map(destination));
    expect(created.map(({ status }) => status)).toEqual([...names.map(() => 201), 409]);
    expect(looks).toBeLessThan(5);
    const [first] = created;
    expect((await collection.get('d0')).etag).toBe(first?.etag);
  });

  test('are each looked at once, not again for every other one', async () => {
    let reads = 0;
    const { subaccount } = openStore(workingDirectory({})).Destinations;
    const content = (name: string): Item['content'] => ({
      ...destination(name),
      get description() {
        reads += 1;
        return 'read';
      },
    });
    const edits = names.map((name) => ({ kind: 'create' as const, name, content: content(name) }));
    expect((await subaccount.apply(edits)).every(({ kind }) => kind === 'done')).toBe(true);
    expect(reads).toBeLessThan(names.length * 5);
    expect(await subaccount.list()).toHaveLength(names.length);
  });

  test('and what one of them changes counts for the next', async () => {
    const { subaccount } = openStore(
      workingDirectory({ 'destinations.json': JSON.stringify([7, destination('old')]) }),
    ).Destinations;
    const edit = (kind: 'create' | 'replace', name: string, more: object = {}) =>
      ({ kind, name, content: { ...destination(name), ...more } }) as const;
    const outcomes = await subaccount.apply([
      edit('create', 'new'),
      edit('create', 'new'),
      { kind: 'delete', name: 'old' },
      edit('replace', 'old'),
      edit('create', 'old', { 'clientAssertion.destinationName': 'new' }),
      { kind: 'delete', name: 'new' },
      edit('replace', 'old'),
      { kind: 'delete', name: 'new' },
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      ...['done', 'exists', 'done', 'missing', 'done', 'refused', 'done', 'done'],
    ]);
    expect((await subaccount.list()).map(({ name }) => name)).toEqual(['old']);
  });
});
