import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createMemory, type Memory } from '../../../../src/destinations/bound-service/remember.ts';
import { AppError } from '../../../../src/errors/app-error.ts';

/** Whoever makes up names must not take what others need (T-27, T-28). */
type Answer = 'destination' | 'absent';
const life = 300_000;
let now: number;
let memory: Memory<Answer>;
const known = vi.fn(async (): Promise<Answer> => 'destination');
const absent = async (): Promise<Answer> => 'absent';
const never = () => new Promise<Answer>(() => {});

beforeEach(() => {
  now = 0;
  known.mockClear();
  memory = createMemory<Answer>({
    capacity: 100,
    flights: 8,
    lifeOf: (value) => (value === 'absent' ? 10_000 : life),
    outlives: (value) => value !== 'absent',
    now: () => now,
    busy: () => new AppError({ code: 'ERR_DESTINATION_SERVICE', status: 503 }),
    onStale() {},
  });
});

describe('while names are made up', () => {
  test('what is known is not forgotten for them, however many there are', async () => {
    await memory.get('used now and then', known);
    for (let n = 0; n < 1_000; n++) await memory.get(`made up ${n}`, absent);
    expect(await memory.get('used now and then', known)).toBe('destination');
    expect(known).toHaveBeenCalledTimes(1);
  });

  test('what is known is looked up again though they take all the questions there may be', async () => {
    await memory.get('known', known);
    now = life + 1;
    for (let n = 0; n < 8; n++) void memory.get(`made up ${n}`, never);
    await expect(memory.get('one more', never)).rejects.toMatchObject({ status: 503 });
    expect(await memory.get('known', known)).toBe('destination');
    expect(known).toHaveBeenCalledTimes(2);
  });
});

test('what is known is looked up again some at a time, too', async () => {
  for (let n = 0; n < 20; n++) await memory.get(`known ${n}`, known);
  now = life + 1;
  for (let n = 0; n < 8; n++) void memory.get(`known ${n}`, never);
  await expect(memory.get('known 8', known)).rejects.toMatchObject({ status: 503 });
});

test('values are bounded by number, and so are those that say there is none', async () => {
  for (let n = 0; n < 101; n++) await memory.get(`known ${n}`, known);
  for (let n = 0; n < 101; n++) await memory.get(`made up ${n}`, absent);
  known.mockClear();
  await memory.get('known 100', known);
  await memory.get('made up 100', known);
  expect(known).not.toHaveBeenCalled();
  await memory.get('known 0', known);
  await memory.get('made up 0', known);
  expect(known).toHaveBeenCalledTimes(2);
});

test('a destination that is gone, and one that has come, take the place of what was known before', async () => {
  await memory.get('one', known);
  now = life + 1;
  expect(await memory.get('one', absent)).toBe('absent');
  expect(await memory.get('one', known)).toBe('absent');
  now += 10_001;
  expect(await memory.get('one', known)).toBe('destination');
  expect(await memory.get('one', absent)).toBe('destination');
});
