import { beforeEach, describe, expect, test } from 'vitest';
import { createKeptTokens, type KeptTokens } from '../../../../src/forwarding/csrf/kept-tokens.ts';

let now = 0;
let kept: KeptTokens;
beforeEach(() => {
  now = 0;
  kept = createKeptTokens(() => now);
});
const token = (text: string) => ({ token: text, own: [], bound: [], client: undefined });
const minute = 60_000;

describe('tokens that are kept', () => {
  test('are there for ten minutes, or as young as they are wanted', () => {
    kept.put('s', 'k', token('t'));
    now = 10 * minute - 1;
    expect(kept.get('s', 'k')).toMatchObject({ token: 't', since: 0 });
    expect(kept.get('s', 'k', minute)).toBeUndefined();
    now += 1;
    expect(kept.get('s', 'k')).toBeUndefined();
    expect(kept.get('s', 'k', 100 * minute)).toBeUndefined();
  });

  test('are their owner’s', () => {
    kept.put('s', 'k', token('t'));
    expect(kept.get('other', 'k')).toBeUndefined();
    expect(kept.get('s', 'other')).toBeUndefined();
  });

  test('are gone when they are refused, unless another has taken the place', () => {
    kept.put('s', 'k', token('t'));
    kept.refuse('s', 'k', 'earlier');
    expect(kept.get('s', 'k')).toBeDefined();
    kept.refuse('s', 'k', 't');
    expect(kept.get('s', 'k')).toBeUndefined();
    kept.refuse('nobody', 'k', 't');
  });

  test('are gone with their owner', () => {
    kept.put('s', 'k', token('t'));
    kept.put('s', 'l', token('u'));
    kept.put('r', 'k', token('v'));
    kept.forget('s');
    expect([kept.get('s', 'k'), kept.get('s', 'l'), kept.get('r', 'k')?.token]).toEqual([undefined, undefined, 'v']);
  });

  test('are bounded: twenty an owner, five thousand owners, the oldest go', () => {
    for (let n = 0; n < 30; n++) kept.put('s', `k${n}`, token('t'));
    expect(kept.size).toBe(20);
    expect([kept.get('s', 'k9'), kept.get('s', 'k10')?.token]).toEqual([undefined, 't']);
    for (let n = 0; n < 5_000; n++) kept.put(`s${n}`, 'k', token('t'));
    expect(kept.size).toBe(5_000);
    expect(kept.get('s', 'k29')).toBeUndefined();
  });

  test('whose cookies are larger than any that is meant are not kept', () => {
    const own = [{ name: 'a', value: 'x'.repeat(9_000), path: '/', secure: false }];
    kept.put('s', 'k', { ...token('t'), own });
    expect([kept.get('s', 'k'), kept.size]).toEqual([undefined, 0]);
  });

  test('that have ended do not stay in memory', () => {
    kept.put('s', 'k', token('t'));
    now = 11 * minute;
    kept.put('r', 'k', token('u'));
    expect(kept.size).toBe(1);
  });
});
