import { type RequestHandler, type Response, Router } from 'express';
import { readTarget } from '../http/target.ts';
import { authenticate } from './authenticate.ts';
import type { Company } from './company.ts';
import { LoginError } from './login-error.ts';
import { errorToXml, metadataXml, toAtom } from './odata-atom.ts';
import { ODataError } from './odata-error.ts';
import { toJson } from './odata-json.ts';
import { resolve } from './odata-result.ts';

type Format = 'json' | 'atom';

/** The OData v2 API below `/odata/v2`: first the token, then the data. Reading only. */
export function odataRouter(company: Company): Router {
  const root = `${company.origin}/odata/v2`;
  const serve: RequestHandler = (request, response) => {
    const { path, query } = readTarget(request.url);
    const search = new URLSearchParams(query);
    const format = formatOf(search, request.get('accept'));
    try {
      authenticate(request.get('authorization'), company);
      refuseWhenThrottled(company);
      if (request.method !== 'GET')
        throw new ODataError(405, 'COE_METHOD_NOT_ALLOWED', 'This service is for reading only.');
      response.set('DataServiceVersion', '2.0');
      if (path === '/$metadata') return void response.type('application/xml').send(metadataXml());
      const result = resolve(path, search, company);
      if (format === 'json') response.json(toJson(result, root));
      else
        response
          .type(result.kind === 'property' ? 'application/xml' : 'application/atom+xml')
          .send(toAtom(result, root));
    } catch (problem) {
      refuse(problem, response, format, company);
    }
  };
  return Router().use(serve);
}

/** Atom unless JSON is asked for (token-flows.md E6). */
function formatOf(query: URLSearchParams, accept: string | undefined): Format {
  const format = query.get('$format');
  if (format !== null) return format.toLowerCase() === 'json' ? 'json' : 'atom';
  return accept?.includes('application/json') ? 'json' : 'atom';
}

/** A login code stands in the body and in a header; the live header's name is not known (token-flows.md E5). */
function refuse(problem: unknown, response: Response, format: Format, { state }: Company): void {
  if (!(problem instanceof LoginError) && !(problem instanceof ODataError)) throw problem;
  if (problem instanceof LoginError) response.set('X-Error-Code', problem.code);
  if (problem.status === 429) response.set('Retry-After', String(state.throttle.retryAfterSeconds));
  response.status(problem.status);
  if (format === 'json') {
    response.json({ error: { code: problem.code, message: { lang: 'en-US', value: problem.message } } });
  } else {
    response.type('application/xml').send(errorToXml(problem.code, problem.message));
  }
}

function refuseWhenThrottled({ state }: Company): void {
  if (state.throttle.remaining === 0) return;
  state.throttle.remaining -= 1;
  throw new ODataError(429, 'COE_TOO_MANY_REQUESTS', 'Too many requests.');
}
