import { sameSecret } from '../http/same-secret.ts';
import { IasError } from './ias-error.ts';
import type { PresentedCertificate } from './presented-certificate.ts';
import type { CertificateRegistration, IasApplication, IasTenant } from './tenant.ts';
import type { IasTokenRequest } from './token-request.ts';

/** A client that has shown who it is; `boundTo` is the thumbprint its tokens are bound to when it used mutual TLS. */
export interface AuthenticatedClient {
  readonly application: IasApplication;
  readonly boundTo: string | undefined;
}

const refuse = () => new IasError('invalid_client', 'Client authentication failed.');

/**
 * Authenticates the client by secret (Basic or form) or by its TLS certificate; with a certificate the form must name
 * the client (token-flows.md C2). Every failure looks the same from outside.
 * @throws IasError 401 invalid_client (H42, H43), 400 when two ways are mixed
 */
export function authenticateClient(request: IasTokenRequest, tenant: IasTenant): AuthenticatedClient {
  const { basic } = request;
  const named = request.get('client_id');
  const posted = request.get('client_secret');
  if (basic.kind === 'basic' && posted !== undefined) {
    throw new IasError('invalid_request', 'The client authenticated in more than one way.');
  }
  const clientId = basic.kind === 'basic' ? basic.id : named;
  if (clientId === undefined || (named !== undefined && named !== clientId)) throw refuse();
  const application = tenant.applications.get(clientId);
  if (!application || tenant.lockout.isLocked(clientId)) throw refuse();

  const secret = basic.kind === 'basic' ? basic.secret : posted;
  if (secret !== undefined) return bySecret(application, secret, tenant);
  if (application.kind === 'public') return { application, boundTo: undefined };
  return byCertificate(application, request.certificate, tenant);
}

function bySecret(application: IasApplication, secret: string, { lockout }: IasTenant): AuthenticatedClient {
  if (!application.secrets.some((known) => sameSecret(known, secret))) {
    lockout.failed(application.id);
    throw refuse();
  }
  lockout.succeeded(application.id);
  return { application, boundTo: undefined };
}

function byCertificate(
  application: IasApplication,
  certificate: PresentedCertificate | undefined,
  { clock }: IasTenant,
): AuthenticatedClient {
  if (!certificate?.trusted) throw refuse();
  const inTime = certificate.notBefore <= clock.now() && clock.now() < certificate.notAfter;
  const registered = application.certificates.some((registration) => matches(registration, certificate));
  if (!inTime || !registered) throw refuse();
  return { application, boundTo: certificate.x5tS256 };
}

function matches(registration: CertificateRegistration, certificate: PresentedCertificate): boolean {
  switch (registration.kind) {
    case 'subject':
      return registration.subject === certificate.subject && registration.issuer === certificate.issuer;
    case 'exact':
      return registration.x5tS256 === certificate.x5tS256;
  }
}
