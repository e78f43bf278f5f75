import { expect, test } from 'vitest';
import { InFlight } from '../../src/in-flight.ts';

test('whoever has come is there until he leaves, in whatever order', () => {
  const inFlight = new InFlight<string>();
  const stays = ['a', 'b', 'c', 'd'].map((name) => inFlight.enter(name));
  const left: string[][] = [];
  for (const which of [1, 3, 0, 2]) {
    const stay = stays[which];
    if (stay !== undefined) inFlight.leave(stay);
    left.push([...inFlight.all()].sort());
  }
  expect(left).toEqual([['a', 'c', 'd'], ['a', 'c'], ['c'], []]);
});

test('who comes while others leave takes nobody’s place', () => {
  const inFlight = new InFlight<number>();
  const here = new Map<number, ReturnType<typeof inFlight.enter>>();
  for (let n = 0; n < 1_000; n++) {
    here.set(n, inFlight.enter(n));
    const leaving = [...here.keys()][(n * 7) % here.size] ?? n;
    const stay = here.get(leaving);
    if (n % 3 !== 0 && stay !== undefined) {
      inFlight.leave(stay);
      here.delete(leaving);
    }
    expect(inFlight.count).toBe(here.size);
  }
  expect([...inFlight.all()].sort()).toEqual([...here.keys()].sort());
});
