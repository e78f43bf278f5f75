import { AppError, type AppErrorOptions } from '../../errors/app-error.ts';
import { redact } from '../../errors/redact.ts';
import type { ServiceAnswer } from './service-answer.ts';

interface Told extends Pick<AppErrorOptions, 'status' | 'headers' | 'cause'> {
  /** Ends "The Destination service …". */
  readonly why: string;
  readonly hint: string;
  readonly members?: Readonly<Record<string, string | number>>;
}

/** A destination that could not be had because of the service: 502, or 503 where it asks for patience. */
export function serviceError(destination: string, { why, hint, members, ...rest }: Told): AppError {
  return new AppError({
    code: 'ERR_DESTINATION_SERVICE',
    detail: `Destination ${destination} cannot be looked up: the Destination service ${why}.`,
    hint,
    members: { destination, ...members },
    ...rest,
  });
}

/** What an answer other than a destination means (destination-service.md 4.8), with the service's own words. */
export function refusalOf(destination: string, answer: ServiceAnswer): AppError {
  const { status, retryAfter } = answer;
  const row = meanings.find(({ of }) => of(answer)) ?? otherwise;
  const said = redact(textOf(answer), answer.secrets);
  return serviceError(destination, {
    status: status === 429 || status === 503 ? 503 : 502,
    why: row.why,
    hint: row.hint,
    members: { serviceStatus: status, ...(said === '' ? {} : { description: said }) },
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  });
}

/** The service's own message; pages of whatever stands in front of it say nothing worth showing. */
export function textOf({ body }: Pick<ServiceAnswer, 'body'>): string {
  if (typeof body === 'string') return body;
  const { ErrorMessage: message } = (body ?? {}) as { ErrorMessage?: unknown };
  return typeof message === 'string' ? message : '';
}

interface Meaning {
  readonly of: (answer: ServiceAnswer) => boolean;
  readonly why: string;
  readonly hint: string;
}

const meanings: readonly Meaning[] = [
  {
    of: ({ status }) => status >= 300 && status < 400,
    why: 'redirects, which is not followed',
    hint: 'Check uri in the binding: it must be the service itself.',
  },
  {
    of: ({ status, body }) => status === 404 && body === undefined,
    why: 'is not there: 404 comes from something else',
    hint: 'Check uri in the binding.',
  },
  {
    of: ({ status }) => status === 401,
    why: 'does not accept our token',
    hint: 'Bind the service anew: clientid and url of the binding must belong to the instance.',
  },
  {
    of: ({ status }) => status === 403,
    why: 'does not let us read there',
    hint: 'Check the plan of the instance, and for subscribers that it is one of the application’s dependencies.',
  },
  {
    of: ({ status }) => status === 422,
    why: 'does not take this kind of token for the call with a level',
    hint: 'Leave level out of PORTUNUS_DESTINATION_OPTIONS.',
  },
  {
    of: ({ status }) => status === 429,
    why: 'asks for patience',
    hint: 'Try again later; raise PORTUNUS_DESTINATION_CACHE.',
  },
  { of: ({ status }) => status >= 500, why: 'is out of order', hint: 'Try again later.' },
  {
    of: ({ status, body }) => status === 200 && body === undefined,
    why: 'answers 200, but no JSON',
    hint: 'Check uri in the binding.',
  },
];

const otherwise = {
  why: 'refuses the call',
  hint: 'Check the destination’s entry in PORTUNUS_DESTINATION_OPTIONS: fragments, level, chain.',
};
