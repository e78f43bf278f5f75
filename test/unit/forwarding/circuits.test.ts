import { beforeEach, describe, expect, test } from 'vitest';
import { type Circuits, createCircuits } from '../../../src/forwarding/circuits.ts';
import { targetOf } from '../../support/target-of.ts';

const target = targetOf();
const outage = { code: 'ECONNREFUSED' };
let time: number;
let told: string[];
let circuits: Circuits;
beforeEach(() => {
  time = 0;
  told = [];
  circuits = open(3);
});

function open(failures: number): Circuits {
  const onChange = (name: string, state: string) => told.push(`${name} ${state}`);
  return createCircuits({ failures, pause: 5_000, onChange }, () => time);
}

/** One request. @returns 'refused', or whether it was the probe */
function request(end: { readonly answered: true } | { readonly cause: unknown }, of = circuits, at = target) {
  let probe: boolean;
  try {
    probe = of.enter(at);
  } catch (cause) {
    expect(cause).toMatchObject({ status: 503, code: 'ERR_UPSTREAM_PAUSED' });
    return 'refused';
  }
  if ('answered' in end) of.answered(at);
  of.ended(at, probe, 'cause' in end ? end.cause : undefined);
  return probe ? 'probe' : 'ordinary';
}
const fail = (times: number, cause: unknown = outage) => Array.from({ length: times }, () => request({ cause }));

describe('a destination that cannot be reached', () => {
  test('has a pause after so many failures in a row, and is told of once', () => {
    expect(fail(5)).toEqual(['ordinary', 'ordinary', 'ordinary', 'refused', 'refused']);
    expect(told).toEqual(['harbourmaster paused']);
    expect(circuits.paused()).toEqual(['harbourmaster']);
  });

  test.each([
    [0, '5'],
    [4_200, '1'],
    [4_999.9, '1'],
  ])('after %d ms it is said when to come again', (after, seconds) => {
    fail(3);
    time = after;
    expect(() => circuits.enter(target)).toThrow(expect.objectContaining({ headers: { 'retry-after': seconds } }));
  });

  test('is tried by one request after the pause, while others wait', () => {
    fail(3);
    time = 5_000;
    expect(circuits.enter(target)).toBe(true);
    expect(request({ answered: true })).toBe('refused');
    circuits.answered(target);
    circuits.ended(target, true, undefined);
    expect(request({ answered: true })).toBe('ordinary');
    expect(told).toEqual(['harbourmaster paused', 'harbourmaster reached']);
    expect(circuits.paused()).toEqual([]);
  });

  test('has another pause when that fails', () => {
    fail(3);
    time = 5_000;
    expect(fail(2)).toEqual(['probe', 'refused']);
    time = 9_999;
    expect(fail(1)).toEqual(['refused']);
    time = 10_000;
    expect(fail(1)).toEqual(['probe']);
    expect(told).toHaveLength(1);
  });

  test('is tried again at once when the client of that request has left', () => {
    fail(3);
    time = 5_000;
    expect(request({ cause: undefined })).toBe('probe');
    expect(request({ answered: true })).toBe('probe');
  });

  test('is tried by an upload too, but nobody waits for its end: a client that sends slowly keeps no others away', () => {
    fail(3);
    time = 5_000;
    const slow = circuits.enter(target, true);
    expect(fail(1)).toEqual(['refused']);
    time = 10_000;
    expect(fail(1)).toEqual(['probe']);
    circuits.ended(target, slow, undefined);
    time = 14_999;
    expect(fail(1)).toEqual(['refused']);
    time = 15_000;
    expect(request({ answered: true })).toBe('probe');
  });

  test('serves all again when that upload is answered', () => {
    fail(3);
    time = 5_000;
    const slow = circuits.enter(target, true);
    circuits.answered(target);
    circuits.ended(target, slow, undefined);
    expect(request({ answered: true })).toBe('ordinary');
  });

  test('has no longer pause because of requests that were under way', () => {
    const late = circuits.enter(target);
    fail(3);
    time = 4_000;
    circuits.ended(target, late, outage);
    time = 5_000;
    expect(request({ answered: true })).toBe('probe');
  });
});

describe('no pause', () => {
  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_BODY_TIMEOUT', 'EPIPE', 'CERT_HAS_EXPIRED', undefined])(
    'for %s: the backend was there',
    (code) => {
      expect(fail(20, { code })).toEqual(Array(20).fill('ordinary'));
    },
  );

  test('when one of them was answered, whatever with', () => {
    fail(2);
    request({ answered: true });
    expect(fail(2)).toEqual(['ordinary', 'ordinary']);
    expect(request({ answered: true })).toBe('ordinary');
  });

  test('for another destination', () => {
    fail(3);
    const other = targetOf({ name: 'other', jar: 'other' });
    expect(request({ answered: true }, circuits, other)).toBe('ordinary');
  });

  test('where it is switched off', () => {
    const off = open(0);
    expect(Array.from({ length: 50 }, () => request({ cause: outage }, off))).toEqual(Array(50).fill('ordinary'));
    expect(off.paused()).toEqual([]);
  });
});
