import type { Request, Response } from 'express';
import type { Log, Ties } from '../observe/log.ts';
import { correlationId, readTraceparent } from '../observe/trace-context.ts';
import { AppError } from './app-error.ts';
import { errorPage } from './error-page.ts';
import { reasonPhrase } from './reason-phrase.ts';

/** An own page for a status (`errorPage` of xs-app.json). */
export type CustomPage =
  | { readonly kind: 'file'; readonly content: Buffer; readonly extension: string; readonly etag: string }
  | { readonly kind: 'redirect'; readonly path: string };

export interface AnswerErrorOptions {
  readonly pages: ReadonlyMap<number, CustomPage>;
  /** Adds `x-error-source: gateway` (RETURN_ERROR_SOURCE). */
  readonly tellSource: boolean;
  readonly log: Log;
  /** Told of every error answered: refusals are kept for auditors. */
  readonly audit?: ((error: AppError, request: Request) => void) | undefined;
}

export type AnswerError = (cause: unknown, request: Request, response: Response) => void;

/**
 * The single place that answers errors. A caller that reads JSON gets a problem document (RFC 9457), a person a page,
 * anyone else the reason phrase (xs-app.md 8.7). Details of a defect stay in the log; the request id ties the two.
 */
export function createAnswerError({ pages, tellSource, log, audit }: AnswerErrorOptions): AnswerError {
  return (cause, request, response) => {
    const error = asAppError(cause);
    const id = request.id ?? '';
    request.way?.answers(error);
    log.requestFailed(id, error, tiesOf(request, id));
    audit?.(error, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.statusCode = error.status;
    response.removeHeader('ETag');
    response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
    if (tellSource) response.setHeader('x-error-source', 'gateway');
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    if (request.tunnel) response.setHeader('Content-Type', 'text/html');
    if (error.status === 405) return void response.end(); // xs-app.md 3.3: empty body
    const wanted = request.tunnel ? 'phrase' : formOf(request, error);
    const page = pages.get(error.status);
    // Whoever asks for JSON by name gets it; to everybody else the owner's own page goes, scripts included (xs-app.md 8.7).
    if (page !== undefined && !request.headers.accept?.includes('json')) return answerPage(page, request, response);
    answerForms[wanted](response, error, id, request.method === 'HEAD');
  };
}

/** Ids of others in the line of a failure, where they are not our own. */
function tiesOf({ headers, way }: Request, id: string): Ties {
  const correlation = correlationId(headers, id);
  const trace = way?.trace ?? readTraceparent(headers['traceparent']);
  return {
    correlation_id: correlation === id ? undefined : correlation,
    trace_id: trace?.traceId,
    span_id: way?.trace?.spanId,
  };
}

/** What reached us as an error: ours, express's or node's own 4xx, or a defect. */
function asAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const status = (cause as { status?: unknown } | undefined)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError({ code: 'ERR_BAD_REQUEST', status, cause });
  return new AppError({ code: 'ERR_INTERNAL', status: 500, cause });
}

type Form = 'problem' | 'page' | 'phrase';

function formOf(request: Request, error: AppError): Form {
  const { accept = '', 'x-requested-with': requestedWith, 'sec-fetch-mode': mode } = request.headers;
  if (accept.includes('text/html')) return 'page';
  if (accept.includes('json') || requestedWith === 'XMLHttpRequest' || (mode !== undefined && mode !== 'navigate'))
    return 'problem';
  // Nobody said what they read: the phrase, unless there is a reason worth telling.
  return Object.keys(error.members).length > 0 ? 'problem' : 'phrase';
}

const answerForms = {
  problem(response, error, id, headOnly) {
    const document = {
      type: 'about:blank',
      title: reasonPhrase(error.status),
      status: error.status,
      code: error.code,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...error.members,
      requestId: id,
    };
    response.setHeader('Content-Type', 'application/problem+json');
    response.end(headOnly ? undefined : JSON.stringify(document));
  },
  page(response, error, id, headOnly) {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    const { status, detail, hint, members } = error;
    const loginUrl = typeof members['loginUrl'] === 'string' ? members['loginUrl'] : undefined;
    response.end(headOnly ? undefined : errorPage({ status, detail, hint, id, loginUrl }));
  },
  phrase(response, error, _id, headOnly) {
    response.end(headOnly ? undefined : reasonPhrase(error.status));
  },
} satisfies Record<Form, (response: Response, error: AppError, id: string, headOnly: boolean) => void>;

function answerPage(page: CustomPage, request: Request, response: Response): void {
  if (page.kind === 'redirect') {
    response.redirect(302, page.path);
    return;
  }
  response.type(page.extension);
  response.setHeader('Cache-Control', 'public, max-age=0');
  response.setHeader('ETag', page.etag);
  response.end(request.method === 'HEAD' ? undefined : page.content);
}
