import { parseArgs } from 'node:util';
import { AppError } from '../errors/app-error.ts';
import { type CommandCall, type Run, UsageError } from './command.ts';
import { openDestinations } from './open-destinations.ts';
import { tryCsrfToken } from './try-csrf-token.ts';
import { callTarget, type Done, findIn, principalOf } from './try-destination.ts';

/**
 * `portunus destinations check NAME`: gets a token and calls the target as the router would, step by step; the step that
 * fails is told with what to do. Exit 1 when one does.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: { 'user-token': { type: 'string' }, path: { type: 'string' } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('name one destination');
  const principal = await principalOf(values['user-token'], call);
  const open = await openDestinations(call);
  try {
    const destination = await step(call, 'configuration', () => findIn(open, name, principal));
    if (destination === undefined) return 1;
    const credential = await step(call, 'credential', async () => {
      const got = await open.tokens.obtain(destination, principal);
      return { value: got, told: got.kind === 'none' ? 'none is needed' : `header ${got.name}` };
    });
    if (credential === undefined) return 1;
    const header = credential.kind === 'header' ? { [credential.name]: credential.value } : {};
    const reached = await step(call, 'call', () =>
      callTarget(open, destination, {
        method: 'GET',
        path: values.path ?? '',
        credential: header,
        timeout: destination.timeout,
      }),
    );
    if (reached === undefined) return 1;
    if (destination.csrf === undefined) return 0;
    const given = await step(call, 'CSRF token', () => tryCsrfToken(open, destination, values.path ?? '', header));
    return given === undefined ? 1 : 0;
  } finally {
    await open.close();
  }
};

/** @returns undefined when it failed, which has been told */
async function step<T>({ write }: CommandCall, what: string, work: () => Promise<Done<T>>): Promise<T | undefined> {
  try {
    const { value, told } = await work();
    write(`ok      ${what}: ${told}\n`);
    return value;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const { detail, code, members } = cause;
    // Nobody logs in at a command line.
    const hint =
      code === 'ERR_LOGIN_REQUIRED' ? 'Hand over a token of one: --user-token @FILE that holds it.' : cause.hint;
    const said = members['description'];
    write(`FAILED  ${what}: ${detail ?? code}\n`);
    if (typeof said === 'string') write(`        It says: ${said}\n`);
    if (hint !== undefined) write(`        ${hint}\n`);
    return undefined;
  }
}
