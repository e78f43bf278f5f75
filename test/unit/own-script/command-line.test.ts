import { expect, test } from 'vitest';
import { createCommandLine } from '../../../src/own-script/command-line.ts';

test.each<[args: readonly string[], given: object]>([
  [[], {}],
  [['-w', 'app'], { workingDir: 'app' }],
  [['--workingDir', 'app'], { workingDir: 'app' }],
  [['--workingDir=app', '-b', '7', '--loud'], { workingDir: 'app', berth: '7', loud: true }],
  [['start', '--berth=7', 'more'], { berth: '7' }],
  [['--watch', '--inspect=9229', '-x'], {}],
  [['--constructor', '1'], {}],
  [['-w'], {}],
])('%j gives %j: what was not declared is for somebody else', (args, given) => {
  const line = createCommandLine(args).option('-b, --berth <name>', 'where to').option('--loud');
  expect(line.opts()).toEqual(given);
});

test('an option without a long name is refused', () => {
  expect(() => createCommandLine([]).option('-x')).toThrow('-b, --berth <name>');
});
