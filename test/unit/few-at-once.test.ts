import { setImmediate as othersTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fewAtOnce } from '../../src/few-at-once.ts';

test('some of the work is under way at a time, in its order, and all of it is done', async () => {
  const inTurn = fewAtOnce(3);
  let [underWay, most] = [0, 0];
  const begun: number[] = [];
  const work = (n: number) => async () => {
    begun.push(n);
    underWay += 1;
    most = Math.max(most, underWay);
    await othersTurn();
    underWay -= 1;
    return n;
  };
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  expect(await Promise.all(numbers.map((n) => inTurn(work(n))))).toEqual(numbers);
  expect([most, begun]).toEqual([3, numbers]);
  expect(await inTurn(work(20))).toBe(20);
});

test('what fails keeps nobody waiting', async () => {
  const inTurn = fewAtOnce(1);
  const failing = [
    inTurn(async () => Promise.reject(new Error('one'))),
    inTurn(() => Promise.reject(new Error('two'))),
  ];
  const last = inTurn(() => 'three');
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await last).toBe('three');
});

test('work that is done at once leaves others their turn, too', async () => {
  const inTurn = fewAtOnce(10);
  let done = 0;
  const all = Promise.all(
    Array.from({ length: 1_000 }, () =>
      inTurn(() => {
        done += 1;
      }),
    ),
  );
  await othersTurn();
  expect(done).toBeLessThan(100);
  await all;
  expect(done).toBe(1_000);
});
