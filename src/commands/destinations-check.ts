import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { anonymous, type Principal } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { tellProblem } from '../errors/config-error.ts';
import { forwardError } from '../forwarding/forward-error.ts';
import { jwtPart } from '../tokens/jwt-part.ts';
import { type CommandCall, type Run, UsageError } from './command.ts';
import { type OpenDestinations, openDestinations } from './open-destinations.ts';

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
    const headers = credential.kind === 'header' ? { [credential.name]: credential.value } : {};
    const reached = await step(call, 'call', () => callTarget(open, destination, values.path ?? '', headers));
    return reached === undefined ? 1 : 0;
  } finally {
    await open.close();
  }
};

interface Done<T> {
  readonly value: T;
  /** What is said of it. */
  readonly told: string;
}

/** @returns undefined when it failed, which has been told */
async function step<T>({ write }: CommandCall, what: string, work: () => Promise<Done<T>>): Promise<T | undefined> {
  try {
    const { value, told } = await work();
    write(`ok      ${what}: ${told}\n`);
    return value;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const { detail, code, hint, members } = cause;
    const said = members['description'];
    write(`FAILED  ${what}: ${detail ?? code}\n`);
    if (typeof said === 'string') write(`        It says: ${said}\n`);
    if (hint !== undefined) write(`        ${hint}\n`);
    return undefined;
  }
}

async function findIn(
  { configured, directory, problems }: OpenDestinations,
  name: string,
  principal: Principal,
): Promise<Done<Destination>> {
  const found = await directory.find(name, { principal, preferLocal: false });
  if (found !== undefined)
    return { value: found, told: `${found.authentication}, ${found.url.origin}${found.url.pathname}` };
  const wrong = configured.setAside?.get(name)?.why ?? problems.list.map(tellProblem).join('\n        ');
  const about = configured.claimed?.has(name)
    ? `Destination ${name} cannot be used:\n        ${wrong}`
    : `There is no destination ${name}.`;
  throw new AppError({
    code: 'ERR_DESTINATION_NOT_FOUND',
    status: 404,
    detail: about,
    hint: configured.claimed?.has(name)
      ? 'Mend it and try again.'
      : `There are: ${configured.names.join(', ') || 'none'}.`,
  });
}

async function callTarget(
  { connections }: OpenDestinations,
  destination: Destination,
  more: string,
  credential: Readonly<Record<string, string>>,
): Promise<Done<number>> {
  const { url, headers, queries, timeout } = destination;
  const target = new URL(url);
  const [morePath = '', moreQuery = ''] = more.split('?', 2);
  target.pathname = `${url.pathname.replace(/\/+$/, '')}/${morePath.replace(/^\/+/, '')}`;
  target.search = new URLSearchParams([...new URLSearchParams(moreQuery), ...Object.entries(queries)]).toString();
  const shown = `${target.origin}${target.pathname}`;
  try {
    const { statusCode: status, body } = await connections.pools.of(destination).request({
      origin: target.origin,
      path: target.pathname + target.search,
      method: 'GET',
      headers: { accept: '*/*', ...headers, ...credential },
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
    await body.dump();
    const row = verdicts.find(({ of }) => of(status));
    if (row === undefined) return { value: status, told: `${status} from ${shown}` };
    throw new AppError({
      code: 'ERR_UPSTREAM_UNREACHABLE',
      status: 502,
      detail: `${shown} answers ${status}: ${row.why}.`,
      hint: row.hint,
    });
  } catch (cause) {
    throw cause instanceof AppError ? cause : forwardError(cause, destination.name, timeout);
  }
}

const verdicts = [
  {
    of: (status: number) => status === 401,
    why: 'it does not take the credential',
    hint: 'Compare scope, audience and user with what the target expects.',
  },
  {
    of: (status: number) => status === 403,
    why: 'it knows the caller, who may not do this',
    hint: 'Have the user or client given the permission at the target, or call another path with --path.',
  },
  { of: (status: number) => status >= 500, why: 'it is out of order', hint: 'Look at the log of the target.' },
];

/** The user of a token that the caller holds: it is handed on, and its claims are believed as they stand. */
async function principalOf(given: string | undefined, { workingDirectory }: CommandCall): Promise<Principal> {
  if (given === undefined) return anonymous;
  const token = given.startsWith('@')
    ? (await readFile(path.resolve(workingDirectory, given.slice(1)), 'utf8')).trim()
    : given.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('--user-token needs a token, or @FILE that holds one');
  const claims = Object.freeze(jwtPart(token, 'claims') ?? {});
  const tokenHash = createHash('sha256').update(token).digest('base64url');
  return Object.freeze({ kind: 'user', provider: 'command line', claims, scopes: [], token, tokenHash });
}
