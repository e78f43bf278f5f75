import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors/app-error.ts';
import { readRetryAfter } from '../../errors/read-retry-after.ts';
import type { Destination } from '../destination.ts';
import type { ServiceAnswer } from './service-answer.ts';
import { serviceError } from './service-error.ts';

/** One GET, as text. Follows no redirect, and gives up at the signal and beyond its own limit of size. */
export type FetchText = (
  target: Destination,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<{
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}>;

export interface AskServiceSettings {
  readonly fetchText: FetchText;
  /** Value of `Authorization` for the service; with `fresh` not one that was kept. */
  readonly authorization: (client: Destination, fresh: boolean) => Promise<string>;
  /** Milliseconds that one question may take, with its token and all attempts. */
  readonly timeout: number;
}

/** Asks the service for a path below `/destination-configuration`. */
export type AskService = (
  client: Destination,
  path: string,
  headers: Readonly<Record<string, string>>,
  /** For whom, in messages. */
  destination: string,
) => Promise<ServiceAnswer>;

/** Milliseconds between attempts, at most half as much again: the service asks for at least 100 (destination-service.md 6.4). */
const pauses = [100, 400];

/**
 * All calls are GETs, so what fails for the moment (5xx, a broken connection) is tried again, with pauses. A token that the
 * service no longer takes is replaced once.
 */
export function createAskService({ fetchText, authorization, timeout }: AskServiceSettings): AskService {
  return async (client, path, headers, destination) => {
    const signal = AbortSignal.timeout(timeout);
    let fresh = false;

    const attempt = async (): Promise<ServiceAnswer> => {
      const token = await before(signal, authorization(client, fresh));
      const base = client.url.pathname.replace(/\/+$/, '');
      const answer = await fetchText(
        client,
        `${base}/destination-configuration${path}`,
        { ...headers, accept: 'application/json', authorization: token },
        signal,
      );
      const seconds = readRetryAfter(answer.header('retry-after'), Date.now());
      return {
        status: answer.status,
        etag: answer.header('etag'),
        retryAfter: seconds > 0 ? Math.min(seconds, 3600) : undefined,
        body: parse(answer.text),
        secrets: [token, token.replace(/^\S+ /, ''), ...Object.entries(headers).flatMap(secretOf)],
      };
    };

    for (let tries = 0; ; tries++) {
      const pause = pauses[tries];
      try {
        const answer = await attempt();
        if (answer.status === 401 && !fresh) {
          fresh = true;
          continue;
        }
        const passing = answer.status >= 500 && answer.retryAfter === undefined;
        if (!passing || pause === undefined) return answer;
      } catch (cause) {
        if (signal.aborted) throw tooSlow(destination, timeout, cause);
        if (pause === undefined || !isPassing(cause)) throw explained(destination, cause);
      }
      await sleep((pause ?? 0) * (1 + Math.random() / 2), undefined, { signal }).catch((cause: unknown) => {
        throw tooSlow(destination, timeout, cause);
      });
    }
  };
}

/** A promise, as far as there is time for it. */
function before<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** A verdict of the token service stands; its silence, and a connection that breaks, may pass. */
function isPassing(cause: unknown): boolean {
  if (!(cause instanceof AppError)) return !isTooLarge(cause);
  const status = Number(cause.members['tokenServiceStatus'] ?? 500);
  return status >= 500 && cause.headers['retry-after'] === undefined;
}

function isTooLarge(cause: unknown): boolean {
  return (cause as { code?: unknown }).code === 'ERR_TOO_LARGE';
}

function explained(destination: string, cause: unknown): AppError {
  if (cause instanceof AppError) {
    const { detail = '', hint = '', members, headers, status } = cause;
    const { destination: _, ...rest } = members as Record<string, string | number>;
    return serviceError(destination, {
      status: status === 503 ? 503 : 502,
      why: `cannot be asked without a token of its own. ${detail.replace(/\.$/, '')}`,
      hint: `Check the binding of the Destination service. ${hint}`.trim(),
      members: rest,
      headers,
      cause,
    });
  }
  if (isTooLarge(cause))
    return serviceError(destination, {
      status: 502,
      why: 'answers more than a destination can be',
      hint: 'Check uri in the binding.',
      cause,
    });
  return serviceError(destination, {
    status: 502,
    why: 'cannot be reached',
    hint: 'Check uri in the binding, and the network; HTTPS_PROXY and NO_PROXY are obeyed.',
    members: codeOf(cause),
    cause,
  });
}

function tooSlow(destination: string, timeout: number, cause: unknown): AppError {
  return serviceError(destination, {
    status: 502,
    why: `does not answer within ${timeout / 1000} s`,
    hint: 'Try again later, or raise outgoingRequestOptions.destination.timeout.',
    cause,
  });
}

/** The user's token goes in headers of several names. */
function secretOf([name, value]: readonly [string, string]): readonly string[] {
  return /token$|assertion$/i.test(name) ? [value] : [];
}

function codeOf(cause: unknown): Record<string, string> {
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? { errorCode: code } : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
