import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/commands/command.ts';
import { findCommand } from '../../../src/commands/find-command.ts';
import { tellOverview, tellUsage } from '../../../src/commands/tell-help.ts';

const command = (summary: string, usage = '[-w DIR]'): Command => ({
  summary,
  usage,
  options: ['--port P  where to listen'],
  load: () => Promise.reject(new Error('not loaded in these tests')),
});
const table = {
  start: command('start the router'),
  explain: command('tell a way', 'PATH'),
  'destinations serve': command('serve destinations'),
  'destinations check': command('check destinations'),
};
const find = (line: string) => findCommand(line.split(' ').filter(Boolean), table);

describe('a command line names', () => {
  test.each([
    ['', { kind: 'run', name: 'start', directory: undefined, args: [] }],
    ['-w app', { kind: 'run', name: 'start', directory: 'app', args: [] }],
    ['start -w app', { kind: 'run', name: 'start', directory: 'app', args: [] }],
    ['-w app start', { kind: 'run', name: 'start', directory: 'app', args: [] }],
    ['-wapp start', { kind: 'run', name: 'start', directory: 'app', args: [] }],
    ['--w=app start', { kind: 'run', name: 'start', directory: 'app', args: [] }],
    ['explain /a/b', { kind: 'run', name: 'explain', directory: undefined, args: ['/a/b'] }],
    [
      'destinations serve --port 8080 -w app',
      { kind: 'run', name: 'destinations serve', directory: 'app', args: ['--port', '8080'] },
    ],
    ['explain -- -w', { kind: 'run', name: 'explain', directory: undefined, args: ['--', '-w'] }],
    ['--help', { kind: 'overview' }],
    ['-h', { kind: 'overview' }],
    ['help', { kind: 'overview' }],
    ['--version', { kind: 'version' }],
    ['-v', { kind: 'version' }],
    ['explain --version /a', { kind: 'run', name: 'explain', directory: undefined, args: ['--version', '/a'] }],
    ['help explain', { kind: 'help', name: 'explain' }],
    ['help destinations', { kind: 'group', name: 'destinations' }],
    ['explain --help', { kind: 'help', name: 'explain' }],
    ['destinations serve -h', { kind: 'help', name: 'destinations serve' }],
    ['destinations', { kind: 'group', name: 'destinations' }],
  ])('%j', (line, asked) => expect(find(line)).toEqual(asked));
});

describe('what it cannot mean is told with what was probably meant', () => {
  test.each([
    ['strat', 'unknown command "strat"; did you mean "start"?'],
    ['destination', 'unknown command "destination"; did you mean "destinations"?'],
    ['destinations chek', 'unknown command "destinations chek"; did you mean "destinations check"?'],
    ['xyzzy', 'unknown command "xyzzy"'],
    ['toString', 'unknown command "toString"'],
    ['start -w', '-w needs a directory'],
  ])('%j', (line, message) => expect(() => find(line)).toThrow(message));
});

test('help lists every command, or those of one word', () => {
  expect(tellOverview(table)).toContain('\n  destinations check  check destinations\n');
  expect(tellOverview(table, 'destinations')).not.toContain('start the router');
});

test('help of one command tells its usage and its options', () => {
  expect(tellUsage('explain', table.explain)).toBe(
    'usage: portunus explain PATH\n  tell a way\n  --port P  where to listen\n',
  );
});
