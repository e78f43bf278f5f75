/** How often and after how long a token service in passing trouble is asked again. */
export interface Patience {
  readonly times: number;
  /** Milliseconds. */
  readonly pause: number;
}

const brief: Patience = { times: 2, pause: 300 };
const long: Patience = { times: 3, pause: 1_000 };

/** Statuses that pass by themselves; a refusal never does (token-flows.md D5). */
const passing: Readonly<Record<number, Patience>> = { 408: brief, 500: long, 502: brief, 503: long, 504: brief };

/**
 * What to do about an answer that is no token. A service that says when to come back (`Retry-After`) is left alone until then,
 * and so is one that says of the request itself what is wrong with it.
 */
export function patienceFor(answer: {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}): Patience | undefined {
  if (answer.retryAfter !== undefined || isRefusal(answer.body)) return undefined;
  return passing[answer.status];
}

/** `server_error` and `temporarily_unavailable` are the service's own (RFC 6749 4.1.2.1); every other code is about us. */
function isRefusal(body: unknown): boolean {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' && /^(invalid_|unauthorized|unsupported_|access_denied|interaction_)/.test(error);
}
