import { KeyStoreError } from '../../config/key-store-error.ts';
import { AppError } from '../../errors/app-error.ts';

export type Outcome = 'ok' | 'warning' | 'failed' | 'skipped';

/** What one look at one thing has shown. */
export interface Finding {
  readonly outcome: Outcome;
  /** One sentence or less; never a token or secret. */
  readonly told: string;
  /** What to do about it. */
  readonly cure?: string | undefined;
}

/** A finding, of what, and how long it took. */
export interface Step extends Finding {
  /** E.g. `target TLS`. */
  readonly name: string;
  readonly milliseconds: number;
}

/** All that was looked at of one thing, e.g. a destination. */
export interface Examination {
  readonly subject: string;
  readonly steps: readonly Step[];
}

export const ok = (told: string): Finding => ({ outcome: 'ok', told });
export const skipped = (told: string): Finding => ({ outcome: 'skipped', told });

/** What a step expects to fail with, beside AppError. The message is for people. */
export class Complaint extends Error {
  readonly cure: string | undefined;

  constructor(message: string, cure?: string) {
    super(message);
    this.name = 'Complaint';
    this.cure = cure;
  }
}

/**
 * Takes one step, within a time limit. It never throws: what goes wrong is the finding.
 * @param limit milliseconds
 */
export async function take(name: string, limit: number, look: () => Promise<Finding> | Finding): Promise<Step> {
  const begin = performance.now();
  const finding = await within(limit, look).catch(explain);
  return { name, ...finding, milliseconds: Math.round(performance.now() - begin) };
}

async function within(limit: number, look: () => Promise<Finding> | Finding): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    const cure = 'Look at the network between here and there, or give it longer with --timeout.';
    timer = setTimeout(() => failed(new Complaint(`no answer within ${limit / 1000} s`, cure)), limit);
  });
  try {
    return await Promise.race([look(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function explain(cause: unknown): Finding {
  if (cause instanceof Complaint) return { outcome: 'failed', told: cause.message, cure: cause.cure };
  if (cause instanceof KeyStoreError) return { outcome: 'failed', told: cause.message };
  if (!(cause instanceof AppError)) return unforeseen(cause);
  const { detail, code, hint, members } = cause;
  const said = members['description'];
  const told = typeof said === 'string' ? `${detail ?? code} It says: ${said}` : (detail ?? code);
  return { outcome: 'failed', told, cure: hint };
}

/** Name and code only: its message may quote what was sent or read. */
function unforeseen(cause: unknown): Finding {
  const { name = 'Error', code = '' } = (cause ?? {}) as { name?: string; code?: string };
  return { outcome: 'failed', told: `it cannot be looked at: ${name} ${code}`.trim() };
}
