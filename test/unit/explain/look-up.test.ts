import { describe, expect, test } from 'vitest';
import { entriesOf, lookUp, meantBy } from '../../../src/explain/look-up.ts';

const text = `# Page

Words about \`timeout\`.

## The target

| Property | Default | Meaning |
|---|---|---|
| \`HTML5.Timeout\` (\`timeout\`) | 30000 | milliseconds; [how](x.md#y) it **ends** |
| \`cors[].host\` | | one or \\| other |
| \`hosts\` | \`(.*)(.*)\` | **exact**, or *.domain, *in \`x-*\` any* case |
| no code | | not about a name |

| \`Authentication\` | Gets | Needs |
|---|---|---|
| \`Basic\` | a header | User |

\`\`\`
| \`inCode\` | x |
|---|---|
| \`inCode\` | y |
\`\`\`
`;
const entries = entriesOf([{ name: 'docs/page.md', text }]);

describe('what pages say of a name', () => {
  test('is the row whose first cell has it as code, by the titles of its columns', () => {
    expect(lookUp(entries, 'HTML5.Timeout')).toEqual([
      {
        page: 'docs/page.md',
        heading: 'The target',
        names: ['HTML5.Timeout', 'timeout'],
        cells: [
          ['Default', '30000'],
          ['Meaning', 'milliseconds; how it ends'],
        ],
      },
    ]);
  });

  test('is told without marks; a star that is none stays', () => {
    expect(lookUp(entries, 'hosts')[0]?.cells).toEqual([
      ['Default', '(.*)(.*)'],
      ['Meaning', 'exact, or *.domain, in x-* any case'],
    ]);
  });

  test.each([
    ['another name of it', 'timeout'],
    ['in another case', 'html5.TIMEOUT'],
  ])('is found by %s', (_, key) => {
    expect(lookUp(entries, key).map(({ names }) => names[0])).toEqual(['HTML5.Timeout']);
  });

  test('is the rows below, where it is the title of the first column', () => {
    expect(lookUp(entries, 'Authentication')).toMatchObject([{ cells: [['Basic', 'a header; User']] }]);
    expect(lookUp(entries, 'Basic')).toMatchObject([
      {
        cells: [
          ['Gets', 'a header'],
          ['Needs', 'User'],
        ],
      },
    ]);
  });

  test('is found by the last part of a path', () => {
    expect(lookUp(entries, 'host')).toMatchObject([{ names: ['cors[].host'], cells: [['Meaning', 'one or | other']] }]);
  });

  test.each(['', 'no', 'inCode', 'Default', '__proto__'])('is nothing for %j', (key) => {
    expect(lookUp(entries, key)).toEqual([]);
  });

  test('is told of a name that is nearly one', () => {
    expect(meantBy(entries, 'HTML5.Timeuot')).toBe('HTML5.Timeout');
    expect(meantBy(entries, 'somethingElse')).toBeUndefined();
  });
});
