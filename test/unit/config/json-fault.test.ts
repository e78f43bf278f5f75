import { describe, expect, test } from 'vitest';
import { jsonFault } from '../../../src/config/json-fault.ts';

function faultOf(text: string): string {
  try {
    JSON.parse(text);
  } catch (cause) {
    return jsonFault(cause, text);
  }
  throw new Error('it is JSON');
}

describe('what is no JSON is told with its place', () => {
  test.each([
    ['[1,]', 'position 3 (line 1 column 4)'],
    ['[1,,2]', 'position 3 (line 1 column 4)'],
    ['// comment\n{}', 'position 0 (line 1 column 1)'],
    ['{"a": x}', 'position 6 (line 1 column 7)'],
    ["{\n  'a': 1\n}", 'position 4 (line 2 column 3)'],
    ['{"a": 1,}', 'position 8 (line 1 column 9)'],
    ['{\n  "routes": [\n    {},\n  ]\n}', 'position 26 (line 4 column 3)'],
    ['{"a": undefined}', 'position 6 (line 1 column 7)'],
    ['[tru]', 'position 4 (line 1 column 5)'],
    ['[01]', 'position 2 (line 1 column 3)'],
    ['[1] x', 'position 4 (line 1 column 5)'],
    ['no', 'position 1 (line 1 column 2)'],
    ['{"a": "⛵", "b": \'\'}', 'position 16 (line 1 column 17)'],
  ])('%j', (text, place) => {
    expect(faultOf(text)).toContain(`at ${place}`);
  });

  test('where something is missing at the end, that is said', () => {
    for (const text of ['', '[', '{"a":', '[1,']) expect(faultOf(text)).toMatch(/Unexpected end of JSON input$/);
  });

  test('a long text is no long wait', () => {
    const text = `[${'{"name":"x"},'.repeat(50_000)}]`;
    expect(faultOf(text)).toContain(`at position ${text.length - 1} `);
  });

  test('nothing of the text is shown: around the fault there may be a secret', () => {
    for (const text of ['{"secret": s3cr3t}', '["s3cr3t",]', '{"s3cr3t" 1}', 's3cr3t', '"s3cr3t\n"'])
      expect(faultOf(text)).not.toMatch(/s3c|cr3t/);
  });
});
