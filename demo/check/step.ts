import { bodyOf } from './body-of.ts';
import type { Answer } from './browser.ts';

/** One thing to try, and what it is called in the report. */
export interface Step {
  readonly name: string;
  /** The token flow, or what else happens there. */
  readonly how: string;
  /** Method and path, as the report shows them. */
  readonly request: string;
  /** What the router should answer. */
  readonly status: number;
  readonly attempt: () => Promise<Answer>;
  /** What is wrong with an answer of the right status; undefined: nothing. */
  readonly fault: (answer: Answer) => string | undefined;
}

export interface Outcome {
  readonly worked: boolean;
  /** For people: one line, and below it the reason when it did not work. */
  readonly told: string;
}

/** Takes a step and judges it. Never rejects: what is thrown is an outcome, too. */
export async function take(step: Step): Promise<Outcome> {
  const begun = performance.now();
  try {
    const answer = await step.attempt();
    const fault = answer.status === step.status ? step.fault(answer) : refusalIn(answer, step.status);
    return outcome(step, answer.status, performance.now() - begun, fault);
  } catch (cause) {
    return outcome(step, undefined, performance.now() - begun, messageOf(cause));
  }
}

function outcome(step: Step, status: number | undefined, milliseconds: number, fault: string | undefined): Outcome {
  const { name, request, how } = step;
  const verdict = fault === undefined ? 'ok  ' : 'FAIL';
  const line = `${verdict} ${name.padEnd(22)} ${request} ${status ?? '-'} ${how}  ${Math.round(milliseconds)} ms`;
  return { worked: fault === undefined, told: fault === undefined ? line : `${line}\n     ${fault}` };
}

function refusalIn(answer: Answer, wanted: number): string {
  const { detail, hint } = bodyOf(answer);
  const explained = [detail, hint].filter((text) => typeof text === 'string').join(' ');
  return `${wanted} was expected, ${answer.status} came from ${answer.url.origin}${answer.url.pathname}. ${explained}`.trim();
}

function messageOf(cause: unknown): string {
  const { message, cause: deeper } = cause as { message?: string; cause?: { message?: string } };
  return [message ?? String(cause), deeper?.message].filter(Boolean).join(': ');
}
