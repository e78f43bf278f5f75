import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { anonymous, type Principal } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { tellProblem } from '../errors/config-error.ts';
import { forwardError } from '../forwarding/forward-error.ts';
import { jwtPart } from '../session/jwt-part.ts';
import { type CommandCall, UsageError } from './command.ts';
import type { OpenDestinations } from './open-destinations.ts';

/** What is said of a step that went well, and what the next one needs of it. */
export interface Done<T> {
  readonly value: T;
  readonly told: string;
}

/** Finds a destination as a route would. @throws AppError ERR_DESTINATION_NOT_FOUND with what is wrong with it */
export async function findIn(
  { configured, directory, problems }: OpenDestinations,
  name: string,
  principal: Principal,
): Promise<Done<Destination>> {
  const found = await directory.find(name, { principal, preferLocal: false });
  if (found !== undefined)
    return { value: found, told: `${found.authentication}, ${found.url.origin}${found.url.pathname}` };
  const wrong = problems.list.map(tellProblem).join('\n        ');
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

/** How a target is called. */
export interface TargetCall {
  readonly method: 'GET' | 'HEAD';
  /** Below the URL of the destination; may have a query. */
  readonly path: string;
  /** Header by name; empty: none is needed. */
  readonly credential: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * Calls the target of a destination as the router would; the answer's body is dropped.
 * @returns its status, when it is none that says that something is wrong
 * @throws AppError ERR_UPSTREAM_UNREACHABLE, ERR_UPSTREAM_TIMEOUT
 */
export async function callTarget(
  { connections }: Pick<OpenDestinations, 'connections'>,
  destination: Destination,
  { method, path: more, credential, timeout }: TargetCall,
): Promise<Done<number>> {
  const { url, headers, queries } = destination;
  const target = new URL(url);
  const [morePath = '', moreQuery = ''] = more.split('?', 2);
  target.pathname = `${url.pathname.replace(/\/+$/, '')}/${morePath.replace(/^\/+/, '')}`;
  target.search = new URLSearchParams([...new URLSearchParams(moreQuery), ...Object.entries(queries)]).toString();
  const shown = `${target.origin}${target.pathname}`;
  try {
    const { statusCode: status, body } = await connections.pools.of(destination).request({
      origin: target.origin,
      path: target.pathname + target.search,
      method,
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
    throw cause instanceof AppError ? cause : forwardError(cause, { ...destination, idleTimeout: timeout });
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
  {
    of: (status: number) => status >= 500 && status !== 501,
    why: 'it is out of order',
    hint: 'Look at the log of the target.',
  },
];

/** The user of a token that the caller holds: it is handed on, and its claims are believed as they stand. */
export async function principalOf(
  given: string | undefined,
  { workingDirectory }: Pick<CommandCall, 'workingDirectory'>,
): Promise<Principal> {
  if (given === undefined) return anonymous;
  const token = given.startsWith('@')
    ? (await readFile(path.resolve(workingDirectory, given.slice(1)), 'utf8')).trim()
    : given.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('--user-token needs a token, or @FILE that holds one');
  const claims = Object.freeze(jwtPart(token, 'claims') ?? {});
  const tokenHash = createHash('sha256').update(token).digest('base64url');
  return Object.freeze({ kind: 'user', provider: 'command line', claims, scopes: [], token, tokenHash });
}
