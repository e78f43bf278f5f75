import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OwnedMap } from '../../../src/tokens/owned-map.ts';

const never = () => false;
const namesIn = (map: OwnedMap<number>) => ['a', 'b', 'c', 'd', 'e'].filter((name) => map.peek(name) !== undefined);

describe('it is bounded', () => {
  test('what nobody has used goes before what somebody has, the oldest first', () => {
    const map = new OwnedMap<number>(3, never);
    for (const name of ['a', 'b', 'c']) map.set(name, 1, undefined);
    map.get('a');
    map.set('d', 1, undefined);
    map.set('e', 1, undefined);
    expect(namesIn(map)).toEqual(['a', 'd', 'e']);
  });

  test('where all are used, the oldest goes', () => {
    const map = new OwnedMap<number>(3, never);
    for (const name of ['a', 'b', 'c']) {
      map.set(name, 1, undefined);
      map.get(name);
    }
    map.set('d', 1, undefined);
    expect(namesIn(map)).toEqual(['b', 'c', 'd']);
  });

  test('and to find it takes no look at each of them', () => {
    const map = new OwnedMap<number>(1_000, never);
    for (let n = 0; n < 1_000; n++) {
      map.set(`${n}`, n, undefined);
      map.get(`${n}`);
    }
    const moved = vi.spyOn(Map.prototype, 'set');
    onTestFinished(() => moved.mockRestore());
    map.set('one more', 1, undefined);
    expect(moved.mock.calls.length).toBeLessThan(50);
    expect([map.size, map.get('one more')]).toEqual([1_000, 1]);
  });

  test('however long it goes on: what is used stays, and what is not goes, the oldest first', () => {
    const map = new OwnedMap<number>(10, never);
    map.set('used', 0, undefined);
    for (let n = 0; n < 1_000; n++) {
      map.get('used');
      map.set(`${n}`, n, undefined);
      if (n % 7 === 0) map.delete(`${n - 3}`);
    }
    expect([map.peek('used'), map.peek('999'), map.peek('995'), map.peek('980')]).toEqual([0, 999, 995, undefined]);
    expect(map.size).toBeLessThanOrEqual(10);
  });

  test('what takes the place of another one needs no room', () => {
    const map = new OwnedMap<number>(2, never);
    map.set('a', 1, undefined);
    map.set('b', 1, undefined);
    map.set('b', 2, undefined);
    expect([namesIn(map), map.get('b'), map.size]).toEqual([['a', 'b'], 2, 2]);
  });
});

describe('who leaves takes what is his along', () => {
  test('and nothing else', () => {
    const map = new OwnedMap<number>(10, never);
    map.set('a', 1, 'ada');
    map.set('b', 1, 'bea');
    map.set('c', 1, 'ada');
    map.set('d', 1, undefined);
    map.forget('ada');
    expect(namesIn(map)).toEqual(['b', 'd']);
  });

  test('not what has become another one’s, nor what came after', () => {
    const map = new OwnedMap<number>(10, never);
    map.set('a', 1, 'ada');
    map.set('a', 2, 'bea');
    map.forget('ada');
    map.set('b', 1, 'ada');
    expect(namesIn(map)).toEqual(['a', 'b']);
  });

  test('nor by way of what has gone for want of room', () => {
    const map = new OwnedMap<number>(1, never);
    map.set('a', 1, 'ada');
    map.set('b', 1, 'bea');
    map.set('a', 1, 'cem');
    map.forget('ada');
    expect(namesIn(map)).toEqual(['a']);
  });
});

test('what is over goes, though nobody asks for it again', () => {
  let hour = 0;
  const map = new OwnedMap<number>(1_000, (end) => end <= hour);
  for (; hour < 100; hour++) for (let n = 0; n < 10; n++) map.set(`${hour} ${n}`, hour + 1, 'ada');
  expect(map.size).toBeLessThan(40);
});

test('what has gone is kept by nobody', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const map = new OwnedMap<object>(10_000, never);
  const values = Array.from({ length: 5_000 }, (_, n) => {
    const value = { n };
    map.set(`${n}`, value, n % 2 === 0 ? 'ada' : undefined);
    if (n % 50 === 0) map.forget('ada');
    if (n % 2 === 1) map.delete(`${n}`);
    return new WeakRef(value);
  });
  await new Promise((over) => setTimeout(over));
  collectGarbage();
  expect(values.filter((value) => value.deref() !== undefined).length).toBeLessThan(200);
});
