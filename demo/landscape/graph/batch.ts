import { readTarget } from '../http/target.ts';
import { answer, type Correlation } from './answer.ts';
import type { GraphResponse } from './exchange.ts';
import { badRequest } from './graph-error.ts';
import type { GraphTenant } from './tenant.ts';

interface Step {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly dependsOn: readonly string[];
}

const failedDependency: GraphResponse = {
  status: 424,
  headers: {},
  body: { error: { code: 'FailedDependency', message: 'A request this one depends on has failed.' } },
};

/**
 * Answers `POST /$batch`: 200 with one answer a request, each with its own status (token-flows.md B4).
 * @throws GraphError 400 when the batch as a whole is wrong
 */
export function answerBatch(
  text: string,
  authorization: string | undefined,
  tenant: GraphTenant,
  correlation: Correlation,
) {
  const steps = readSteps(text);
  const done = new Map<string, GraphResponse>();
  while (done.size < steps.length) {
    const ready = steps.filter(({ id, dependsOn }) => !done.has(id) && dependsOn.every((other) => done.has(other)));
    if (ready.length === 0) throw badRequest('The dependencies of the batch form a cycle.');
    for (const step of ready) {
      const failed = step.dependsOn.some((id) => (done.get(id)?.status ?? 0) >= 400);
      done.set(step.id, failed ? failedDependency : answerStep(step, authorization, tenant, correlation));
    }
  }
  return {
    responses: [...done].map(([id, { status, headers, body }]) => ({ id, status, headers: withType(headers), body })),
  };
}

function answerStep(
  { method, url }: Step,
  authorization: string | undefined,
  tenant: GraphTenant,
  correlation: Correlation,
) {
  const { path, query } = readTarget(url.startsWith('/') ? url : `/${url}`);
  return answer({ method, path, query: new URLSearchParams(query), authorization }, tenant, correlation);
}

function withType(headers: Readonly<Record<string, string>>) {
  return { ...headers, 'Content-Type': 'application/json' };
}

function readSteps(text: string): readonly Step[] {
  const requests = (parse(text) as { requests?: unknown }).requests;
  if (!Array.isArray(requests)) throw badRequest("Invalid batch payload format: 'requests' is missing.");
  if (requests.length > 20) throw badRequest('The number of batch steps exceeds the maximum of 20.');
  const steps = requests.map(readStep);
  const ids = new Set(steps.map(({ id }) => id.toLowerCase()));
  if (ids.size < steps.length) throw badRequest('The ids of the batch are not unique.');
  const unknown = steps.some(({ dependsOn }) => dependsOn.some((other) => !steps.some(({ id }) => id === other)));
  if (unknown) throw badRequest('A request of the batch depends on one that is not there.');
  return steps;
}

function readStep(value: unknown): Step {
  const { id, method, url, headers, body, dependsOn = [] } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string' || id === '') throw badRequest('A request of the batch has no id.');
  if (typeof method !== 'string' || typeof url !== 'string') throw badRequest(`Request ${id} has no method or no url.`);
  const names = Object.keys((headers ?? {}) as object).map((name) => name.toLowerCase());
  if (body !== undefined && !names.includes('content-type')) {
    throw badRequest(`Request ${id} has a body but no Content-Type header.`);
  }
  if (!Array.isArray(dependsOn)) throw badRequest(`The dependsOn of request ${id} is not an array.`);
  return { id, method: method.toUpperCase(), url, dependsOn: dependsOn.map(String) };
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The refusal below covers text that is not JSON, too.
  }
  throw badRequest('Invalid batch payload format.');
}
