import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTemplate, fillTemplate } from '../../../src/routing/template.ts';

function replaceBy(source: RegExp, target: string, text: string): string | undefined {
  const template = compileTemplate(target, source);
  const groups = source.exec(text);
  if (template === undefined || groups === null) return undefined;
  return text.slice(0, groups.index) + fillTemplate(template, groups) + text.slice(groups.index + groups[0].length);
}

describe('a target that was taken apart is read as String.replace reads it', () => {
  const sources = [
    /^\/q\/(.*)$/,
    /^\/(a)?(b)?(.*)$/,
    /^\/./,
    /(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)/,
    /^\/(?<name>q)(.*)/i,
  ];
  const piece = fc.constantFrom('$', '$$', '$0', '$1', '$2', '$01', '$10', '$11', '$12', '$3', '/', 'x', '1', 'ä', '');

  test('whatever it is made of', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
        fc.constantFrom('/q/a/b/c?d=$1', '/ab', '/b$&', '/', '/abcdefghijklmno', '/Q/x'),
        (source, target, text) => {
          const replaced = replaceBy(source, target, text);
          if (replaced !== undefined) expect(replaced).toBe(text.replace(source, target));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each(['$&', "$'", '$`', '$<name>', '/x$&y'])('%s is left to String.replace', (target) => {
    expect(compileTemplate(target, /^\/(?<name>.)/)).toBeUndefined();
  });
});
