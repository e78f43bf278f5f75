import type { IncomingMessage } from 'node:http';
import type { Target } from '../destinations/read-target.ts';
import type { OpenStep } from '../observe/way.ts';

/** What a call that ended without an answer and without an error came to. */
const clientLeft = { code: 'CLIENT_LEFT' };

/**
 * Tells who listens that the backend is called; without the query, where keys may travel.
 * @param resend 0, or how often it was sent before
 * @returns undefined when nobody listens
 */
export function beginCall(
  { way, method = 'GET' }: IncomingMessage,
  { name, url }: Target,
  path: string,
  resend: number,
): OpenStep<'backend'> | undefined {
  return way?.begin('backend', {
    destination: name,
    method,
    url: url.origin + (path.split('?', 1)[0] ?? ''),
    resend,
  });
}

/** The same exchange; one that never came to an answer is told too. */
export function tellingFailure(step: OpenStep<'backend'>, exchanged: Promise<boolean>): Promise<boolean> {
  return exchanged.then(
    (answered) => {
      step.fail(clientLeft);
      return answered;
    },
    (cause: unknown) => {
      step.fail(cause);
      throw cause;
    },
  );
}

/** Ends the call of an upgrade. @param status 101 when the tunnel stands */
export function endUpgrade({ way }: IncomingMessage, step: OpenStep<'backend'> | undefined, status: number): void {
  step?.end({ status });
  if (way) way.upgraded = status;
}
