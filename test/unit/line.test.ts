import { expect, test } from 'vitest';
import { Line, type Place } from '../../src/line.ts';

const inOrder = (line: Line<string>): string => {
  let told = '';
  for (let place = line.first; place !== undefined; place = place.after) told += place.one;
  return told;
};

test('whoever leaves, first, last or in between, the others stand as they stood', () => {
  const line = new Line<string>();
  const places = new Map([...'abcde'].map((name) => [name, line.join(name)] as const));
  const orders = [...'caebd'].map((name) => {
    line.leave(places.get(name) as Place<string>);
    return inOrder(line);
  });
  expect(orders).toEqual(['abde', 'bde', 'bd', 'd', '']);
  line.join('f');
  expect(inOrder(line)).toBe('f');
});

test('who goes to the end stands behind all others, be he the first, the last or the only one', () => {
  const line = new Line<string>();
  const a = line.join('a');
  line.toEnd(a);
  const b = line.join('b');
  line.toEnd(a);
  line.toEnd(a);
  line.join('c');
  line.toEnd(b);
  expect(inOrder(line)).toBe('acb');
});

test('who has left leads to nobody', () => {
  const line = new Line<string>();
  const [, b] = ['a', 'b', 'c'].map((name) => line.join(name));
  line.leave(b as Place<string>);
  expect(b).toEqual({ one: 'b', before: undefined, after: undefined });
});
