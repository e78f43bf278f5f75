import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { parseForm, readForm } from '../http/form.ts';
import { readTarget } from '../http/target.ts';
import { type AccessToken, issueAccessToken } from './access-token.ts';
import { checkAssertion } from './check-assertion.ts';
import type { Company } from './company.ts';
import { decodeAssertion } from './decode-assertion.ts';
import { findSubject } from './find-subject.ts';
import { readAssertion } from './read-assertion.ts';
import { companyNotFound, TokenError, unauthenticated } from './token-error.ts';
import { verifySignature } from './verify-signature.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:saml2-bearer';

/** `POST /oauth/token`: a signed assertion for a token of 24 hours (token-flows.md E1-E4). */
export function tokenEndpoint(company: Company): RequestHandler {
  const issued = new Map<string, AccessToken>();
  return (request, response) => {
    try {
      const token = exchange(readParameters(request), company, issued);
      const expiresIn = Math.floor((token.content.expiresAt - company.clock.now()) / 1000);
      response
        .set('Cache-Control', 'no-store')
        .json({ access_token: token.text, token_type: 'Bearer', expires_in: expiresIn });
    } catch (problem) {
      if (!(problem instanceof TokenError)) throw problem;
      response.status(problem.status).json({ errorHttpCode: String(problem.status), errorMessage: problem.message });
    }
  };
}

type Parameters = ReadonlyMap<string, string>;

/** Parameters may stand in the form or in the query (token-flows.md E1); one that is in both is refused. */
function readParameters(request: Request): Parameters {
  const form = readForm(request);
  const query = parseForm(readTarget(request.url).query);
  const twice = [
    ...form.repeated,
    ...query.repeated,
    ...[...query.fields.keys()].filter((name) => form.fields.has(name)),
  ];
  if (twice[0]) throw new TokenError(400, `The parameter ${twice[0]} is repeated`);
  return new Map([...query.fields, ...form.fields]);
}

function exchange(parameters: Parameters, company: Company, issued: Map<string, AccessToken>): AccessToken {
  if (parameters.get('grant_type') !== grantType) throw unauthenticated('the grant type is not supported');
  const companyId = parameters.get('company_id');
  if (companyId !== company.id) throw companyNotFound(companyId ?? '');
  const clientId = parameters.get('client_id');
  if (clientId !== undefined && clientId !== company.client.apiKey) throw unauthenticated('the API key is not valid');
  const encoded = parameters.get('assertion') ?? '';
  const assertion = readAssertion(verifySignature(decodeAssertion(encoded), company.client.certificate));
  checkAssertion(assertion, company, clientId);
  const subject = findSubject(assertion, company);

  // The same assertion gets the same token until that ends, unless a new one is demanded (H64).
  const key = createHash('sha256').update(encoded).digest('hex');
  const before = issued.get(key);
  if (before && before.content.expiresAt > company.clock.now() && parameters.get('new_token') !== 'true') return before;
  const token = issueAccessToken(subject, company);
  issued.set(key, token);
  return token;
}
