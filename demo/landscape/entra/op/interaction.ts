import { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import { errors } from 'oidc-provider';
import { readForm } from '../../http/form.ts';
import type { Directory } from '../directory.ts';
import { errorPage, signInPage } from './pages.ts';
import type { OpenIdProvider } from './provider.ts';

/** The sign-in page: GET shows the users, POST `user=<mail>` signs that one in, POST `cancel=yes` denies. */
export function interactionRouter(op: OpenIdProvider, directory: Directory): Router {
  const { provider } = op;
  const show: RequestHandler = async (request, response) => {
    const { prompt, params, uid, session } = await provider.interactionDetails(request, response);
    // Asked for by prompt=consent only: policies.ts decides on consent, so there is nothing to ask the user.
    if (prompt.name === 'consent' && session) return provider.interactionFinished(request, response, { consent: {} });
    const application = directory.applications.get(String(params['client_id']))?.name ?? '';
    const hint = typeof params['login_hint'] === 'string' ? params['login_hint'] : undefined;
    response
      .set('Cache-Control', 'no-store')
      .send(signInPage(`${op.signInPath}/${uid}`, application, directory.users, hint));
  };
  const choose: RequestHandler = async (request, response) => {
    const { fields } = readForm(request);
    const user = directory.users.find(({ email }) => email === fields.get('user'));
    if (user) {
      const result = { login: { accountId: user.oid, amr: ['pwd'] }, select_account: {} };
      return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
    }
    if (fields.has('cancel')) {
      const denied = {
        error: 'access_denied',
        error_description: 'AADSTS65004: User declined to consent to access the app.',
      };
      return provider.interactionFinished(request, response, denied);
    }
    response.status(400).send(errorPage({ error: 'invalid_request', error_description: 'No such user.' }));
  };
  const explain: ErrorRequestHandler = (problem, _request, response, next) => {
    if (!(problem instanceof errors.SessionNotFound)) return next(problem);
    const error_description = 'The sign-in is over or belongs to another browser. Begin again at the application.';
    response.status(400).send(errorPage({ error: 'invalid_request', error_description }));
  };
  return Router().get('/:uid', show).post('/:uid', choose).use(explain);
}
