import { sameSecret } from '../http/same-secret.ts';
import type { Application, ConfidentialApplication } from './application.ts';
import { checkClientAssertion } from './client-assertion.ts';
import type { Directory } from './directory.ts';
import { EntraError } from './errors.ts';
import type { TokenRequest } from './token-request.ts';

/** A client that has shown who it is. */
export interface AuthenticatedClient {
  readonly application: Application;
  readonly proof: 'none' | 'secret' | 'certificate';
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Authenticates the client of a token request: client_secret_basic, client_secret_post or a client assertion, and one
 * of them only (RFC 6749 2.3).
 * @throws EntraError 700016, 7000112, 700025, 7000218, 7000215, 7000222, and those of a client assertion
 */
export async function authenticateClient(request: TokenRequest, directory: Directory): Promise<AuthenticatedClient> {
  const application = directory.applications.get(request.clientId);
  if (!application) throw new EntraError(700016, { detail: `Application: ${request.clientId}` });
  if (!application.enabled) throw new EntraError(7000112, { detail: `Application: ${request.clientId}` });

  const secret = request.get('client_secret');
  const assertion = request.get('client_assertion');
  const presented = [request.basic.kind === 'basic', secret !== undefined, assertion !== undefined];
  const count = presented.filter(Boolean).length;
  if (application.kind === 'public') {
    if (count > 0) throw new EntraError(700025);
    return { application, proof: 'none' };
  }
  if (count === 0) throw new EntraError(7000218);
  if (count > 1) throw new EntraError(90013, { detail: 'The client authenticated in more than one way.' });
  if (assertion !== undefined) {
    if (request.require('client_assertion_type') !== assertionType) {
      throw new EntraError(90013, { detail: 'The client_assertion_type is not supported.' });
    }
    await checkClientAssertion(assertion, application, directory);
    return { application, proof: 'certificate' };
  }
  checkSecret(secret ?? (request.basic.kind === 'basic' ? request.basic.secret : ''), application);
  return { application, proof: 'secret' };
}

function checkSecret(presented: string, { id, secrets }: ConfidentialApplication): void {
  const match = secrets.find(({ value }) => sameSecret(value, presented));
  if (!match) throw new EntraError(7000215, { detail: `Application: ${id}` });
  if (match.expired) throw new EntraError(7000222, { detail: `Application: ${id}` });
}
