import { expect } from 'vitest';
import type { Answer } from './post-form.ts';

/** The outcome of a row: status, OAuth error, AADSTS code. */
export type Refusal = readonly [status: number, error: string, code: number];

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Asserts the whole error shape of token-flows.md A8, not only the code. */
export function expectRefusal(answer: Answer, [status, error, code]: Refusal): void {
  expect(answer.body).toMatchObject({ error, error_codes: [code] });
  expect(answer.status).toBe(status);
  expect(answer.body['error_description']).toMatch(
    new RegExp(
      `^AADSTS${code}: .+ Trace ID: .+ Correlation ID: .+ Timestamp: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ$`,
    ),
  );
  expect(answer.body['timestamp']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
  expect(answer.body['trace_id']).toMatch(guid);
  expect(answer.body['correlation_id']).toMatch(guid);
  expect(answer.body['error_uri']).toContain(`code=${code}`);
  expect(answer.headers.get('cache-control')).toContain('no-store');
}
