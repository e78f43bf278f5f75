import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const log = new URL('../../../src/observe/log.ts', import.meta.url).href;
const errors = new URL('../../../src/errors/app-error.ts', import.meta.url).href;
const run = promisify(execFile);

type Line = Readonly<Record<string, unknown>>;

/** Lines that a process writes which uses the log so. `log`, `AppError` and `createLog` are in scope. */
async function linesOf(code: string): Promise<Line[]> {
  const script = `
    import { createLog } from ${JSON.stringify(log)};
    import { AppError } from ${JSON.stringify(errors)};
    const log = createLog('trace');
    ${code}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--no-warnings', '-e', script]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

/** The line of a failure caused by each of these, in code: one process for all. */
const failuresBy = (causes: readonly string[]) =>
  linesOf(
    causes
      .map((cause) => `log.requestFailed('id', new AppError({ code: 'ERR_INTERNAL', status: 500, cause: ${cause} }));`)
      .join('\n'),
  );

describe('one JSON line an event', () => {
  test('with its time, and nothing of the machine', async () => {
    const lines = await linesOf(`
      log.started({ port: 5000, routes: 3 });
      log.notice('hello');
      log.warning('careful');
      log.stopped('SIGTERM');
      log.requestFailed('id-1', new AppError({ code: 'ERR_UPSTREAM_TIMEOUT', status: 504, detail: 'too slow', hint: 'wait',
        members: { error: 'late', loginUrl: '/-/login?return_to=/?name=ada' } }));
      log.requestFailed('id-2', new AppError({ code: 'ERR_NOT_FOUND', status: 404 }));`);
    expect(lines).toMatchObject([
      { level: 'info', port: 5000, routes: 3, msg: 'listening' },
      { level: 'info', msg: 'hello' },
      { level: 'warn', msg: 'careful' },
      { level: 'info', reason: 'SIGTERM', msg: 'stopped' },
      // A failure of ours or of an upstream is an error, the caller's is a detail.
      {
        level: 'error',
        id: 'id-1',
        code: 'ERR_UPSTREAM_TIMEOUT',
        status: 504,
        error: 'late',
        hint: 'wait',
        msg: 'too slow',
      },
      { level: 'debug', id: 'id-2', code: 'ERR_NOT_FOUND', msg: 'ERR_NOT_FOUND' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('ada');
    for (const line of lines) {
      expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(Object.keys(line)).not.toContain('hostname');
    }
  });

  test('as many as the level lets through; a level that is none is info', async () => {
    const levels = ['error', 'warn', 'info', 'debug', 'verbose', 'none'];
    const lines = await linesOf(`
      for (const level of ${JSON.stringify(levels)}) {
        const log = createLog(level);
        log.requestFailed('id', new AppError({ code: 'ERR_INTERNAL', status: 500, detail: level }));
        log.warning(level);
        log.notice(level);
        log.requestFailed('id', new AppError({ code: 'ERR_NOT_FOUND', status: 404, detail: level }));
      }`);
    const counts = levels.map((level) => [level, lines.filter(({ msg }) => msg === level).length]);
    expect(Object.fromEntries(counts)).toEqual({ error: 1, warn: 2, info: 3, debug: 4, verbose: 3, none: 3 });
  });

  test('the place of a defect can be found; a chain of causes is told, but not without end', async () => {
    const [defect, chain] = await failuresBy([
      `(function culprit() { return new TypeError('x is not a function'); })()`,
      `(() => {
        const last = Object.assign(new Error('deep'), { code: 'E0' });
        let cause = last;
        for (let i = 1; i < 20; i++) cause = Object.assign(new Error('x', { cause }), { code: 'E' + i });
        last.cause = cause;
        return cause;
      })()`,
    ]);
    expect(JSON.stringify(defect)).toMatch(/x is not a function.*culprit/);
    expect(chain?.['cause']).toHaveLength(5);
  });
});

describe('no token, secret, assertion or cookie value in a line (design section 5)', () => {
  const secret = 'eyJzZWNyZXQiOiJ0b2tlbiJ9';
  const caught = (code: string) => `(() => { try { ${code} } catch (cause) { return cause; } })()`;

  const cases: [string, string][] = [
    [
      'an error of a protocol library, which may quote what a token service answered',
      `Object.assign(new Error('unexpected answer: ${secret}'), { name: 'ResponseBodyError' })`,
    ],
    ['one with a code', `Object.assign(new Error('${secret}'), { code: 'OAUTH_PARSE_ERROR' })`],
    [
      'further properties of an error',
      `Object.assign(new Error('x'), { code: 'E', body: '${secret}', cookie: '${secret}' })`,
    ],
    ['something that is no error', `'${secret}'`],
    ['an object', `{ token: '${secret}' }`],
    ['deeper in the chain', `new Error('x', { cause: Object.assign(new Error('${secret}'), { code: 'E' }) })`],
    ['a JSON parser, which quotes the text around the fault', caught(`JSON.parse('${secret}');`)],
    [
      'a JSON parser below a protocol library',
      `Object.assign(new Error('x', { cause: ${caught(`JSON.parse('{"access_token": ${secret}}');`)} }), { code: 'OAUTH_PARSE_ERROR' })`,
    ],
    ['a URL parser, which keeps what it was given', caught(`new URL('${secret}');`)],
    ['node’s own refusal of a header value', caught(`new Headers({ a: '${secret}\\n${secret}' });`)],
  ];
  let lines: Line[];

  beforeAll(async () => {
    lines = await failuresBy(cases.map(([, cause]) => cause));
  });

  test.each(cases.map(([story], i) => [story, i] as const))('%s', (_, i) => {
    expect(lines).toHaveLength(cases.length);
    // Eight characters of it are too many: parsers quote ten.
    expect(JSON.stringify(lines[i])).not.toContain(secret.slice(0, 8));
  });
});
