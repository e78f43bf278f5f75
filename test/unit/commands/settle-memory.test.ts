import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settleMemory } from '../../../src/commands/settle-memory.ts';

const megabytes = 1024 * 1024;

let memory: { used: number; busy: number; collections: number };
let inFlight = 0;
let end: () => void;

/** A process whose heap falls to `lives` when it is collected. */
function begin(lives: number): void {
  end = settleMemory(() => inFlight, {
    used: () => memory.used * megabytes,
    busy: () => memory.busy,
    async collect() {
      memory.collections += 1;
      memory.used = lives;
    },
  });
}

const second = () => vi.advanceTimersByTimeAsync(1_000);
const tenSeconds = () => vi.advanceTimersByTimeAsync(10_000);

beforeEach(() => {
  vi.useFakeTimers();
  memory = { used: 60, busy: 0, collections: 0 };
  inFlight = 0;
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

test('what the start needed is given back after a second without requests, once', async () => {
  begin(40);
  await second();
  await second();
  expect(memory.collections).toBe(1);
});

test('not while requests are answered, nor while the process is at work', async () => {
  begin(40);
  inFlight = 1;
  await second();
  inFlight = 0;
  memory.busy = 0.5;
  await second();
  expect(memory.collections).toBe(0);
  memory.busy = 0.05;
  await second();
  expect(memory.collections).toBe(1);
});

test('what many logins have left is given back, when the heap has grown by half and nobody has come for ten seconds', async () => {
  begin(400);
  await second();
  memory.used = 590;
  await tenSeconds();
  expect(memory.collections).toBe(1);
  memory.used = 601;
  inFlight = 1;
  await second();
  inFlight = 0;
  await vi.advanceTimersByTimeAsync(9_000);
  expect(memory.collections).toBe(1);
  await second();
  expect(memory.collections).toBe(2);
});

test('a small heap is let alone until it has grown by 128 MB', async () => {
  begin(40);
  await second();
  memory.used = 165;
  await tenSeconds();
  expect(memory.collections).toBe(1);
  memory.used = 169;
  await tenSeconds();
  expect(memory.collections).toBe(2);
});

test('a collection that fails stops nothing', async () => {
  let tries = 0;
  let used = 0;
  end = settleMemory(() => 0, {
    used: () => (used += 200 * megabytes),
    busy: () => 0,
    async collect() {
      tries += 1;
      throw new Error('another inspector is at work');
    },
  });
  await second();
  await tenSeconds();
  expect(tries).toBe(2);
});

test('ends with the router', async () => {
  begin(40);
  end();
  await second();
  expect(memory.collections).toBe(0);
});
