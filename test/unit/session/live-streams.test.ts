import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLiveStreams, type LiveStreams } from '../../../src/session/live-streams.ts';

let stands: ReturnType<typeof vi.fn<(id: string) => Promise<boolean>>>;
let live: LiveStreams;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  stands = vi.fn(async () => true);
  live = createLiveStreams({ stands, interval: 1_000, patience: 5_000 });
});
afterEach(() => {
  live.close();
  vi.useRealTimers();
});

describe('what is open on behalf of a session', () => {
  test('ends with it, and nothing else does', () => {
    const [one, two, other] = [vi.fn(), vi.fn(), vi.fn()];
    live.add('a', one);
    live.add('a', two);
    live.add('b', other);
    live.end('a');
    live.end('a');
    expect([one, two, other].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0]);
    expect(live.size).toBe(1);
  });

  test('is forgotten when it has ended by itself', () => {
    const end = vi.fn();
    live.add('a', end)();
    live.end('a');
    expect(end).not.toHaveBeenCalled();
    expect(live.size).toBe(0);
  });

  test('ends when the session was over before it was told of', async () => {
    stands.mockResolvedValue(false);
    const end = vi.fn();
    live.add('a', end);
    await vi.advanceTimersByTimeAsync(0);
    expect(end).toHaveBeenCalledTimes(1);
  });

  test('ends at the next look, when nobody tells of the end', async () => {
    const end = vi.fn();
    live.add('a', end);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(end).not.toHaveBeenCalled();
    stands.mockResolvedValue(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(end).toHaveBeenCalledTimes(1);
  });

  test('stays while nobody can say, for as long as the session could have been idle', async () => {
    const end = vi.fn();
    live.add('a', end);
    await vi.advanceTimersByTimeAsync(1_000);
    stands.mockRejectedValue(new Error('connection refused'));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(end).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(end).toHaveBeenCalledTimes(1);
  });

  test('is not looked at when there is nothing', async () => {
    live.add('a', vi.fn())();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stands.mock.calls.length).toBeLessThanOrEqual(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a thousand are looked at by and by, and those that close before their turn not at all (T-28)', async () => {
    let [underWay, most] = [0, 0];
    stands.mockImplementation(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((answered) => setTimeout(answered, 10));
      underWay -= 1;
      return true;
    });
    const over = Array.from({ length: 1_000 }, (_, n) => live.add(`${n}`, vi.fn()));
    over.at(-1)?.();
    await vi.advanceTimersByTimeAsync(900);
    expect(stands).toHaveBeenCalledTimes(999);
    expect(most).toBeLessThanOrEqual(100);
  });
});
