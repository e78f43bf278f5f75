import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHandOvers } from '../../../src/login/hand-over.ts';
import { onceOnly } from '../../../src/session/once-only.ts';

const key = randomBytes(32);
const verifier = 'a-verifier-that-only-the-frame-knows';
const challenge = createHash('sha256').update(verifier).digest('base64url');

afterEach(() => void vi.useRealTimers());

describe('a session is handed over', () => {
  test('once, however many instances there are', async () => {
    const once = onceOnly(); // what the instances share
    const firstUse = async (value: string, lifetime: number) => once(value, lifetime);
    const [one, other] = [createHandOvers([key], firstUse), createHandOvers([key], firstUse)];
    const code = one.offer('session', challenge);
    expect(await other.accept(code, verifier)).toBe('session');
    expect(await one.accept(code, verifier)).toBeUndefined();
    expect(await other.accept(code, verifier)).toBeUndefined();
  });

  test('to who knows the verifier; a wrong one does not use it up', async () => {
    const { offer, accept } = createHandOvers([key], async () => true);
    const code = offer('session', challenge);
    expect(await accept(code, 'another')).toBeUndefined();
    expect(await accept(code, verifier)).toBe('session');
  });

  test('within a minute', async () => {
    vi.useFakeTimers();
    const { offer, accept } = createHandOvers([key], async () => true);
    const code = offer('session', challenge);
    vi.advanceTimersByTime(60_001);
    expect(await accept(code, verifier)).toBeUndefined();
  });

  test('and what is remembered of it opens nothing', async () => {
    const remembered: string[] = [];
    const { offer, accept } = createHandOvers([key], async (value) => remembered.push(value) > 0);
    const code = offer('session', challenge);
    await accept(code, verifier);
    expect(remembered).toHaveLength(1);
    expect(remembered[0]).not.toContain(code);
  });

  test('not by a store that is out of reach', async () => {
    const { offer, accept } = createHandOvers([key], () => Promise.reject(new Error('out of reach')));
    await expect(accept(offer('session', challenge), verifier)).rejects.toThrow('out of reach');
  });
});
