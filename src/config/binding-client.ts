import type { Problems } from '../errors/config-error.ts';
import { expiryWarning } from './certificate-expiry.ts';
import type { LoginClientAuthentication } from './identity-provider.ts';
import { keyPairFromPem } from './key-store-pem.ts';

/** What bindings of XSUAA and IAS have of a client (token-flows.md C11, D6). */
export interface BindingCredentials {
  readonly clientsecret?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * How the client of a binding shows who it is: by certificate and key where the binding has them, else by secret. An
 * expired or soon expiring certificate is a warning.
 * @param at where the credentials stand, for messages
 * @returns undefined after a problem was reported
 */
export function bindingClient(
  at: string,
  { clientsecret, certificate, key }: BindingCredentials,
  problems: Problems,
): LoginClientAuthentication | undefined {
  if (certificate !== undefined && key !== undefined) {
    try {
      const keyPair = keyPairFromPem(at, `${certificate}\n${key}`, undefined);
      const warning = expiryWarning(keyPair.certificate, Date.now());
      if (warning) problems.warn(at, 'certificate', `${warning}: make a new binding`, 'certificate-expires');
      return { method: 'tls_client_auth', keyPair };
    } catch (cause) {
      problems.add(at, 'certificate', (cause as Error).message);
      return undefined;
    }
  }
  if (clientsecret !== undefined) return { method: 'client_secret', secret: clientsecret };
  if (certificate === undefined)
    problems.add(at, 'clientsecret', 'is missing, and so are certificate and key; bind with another credential type');
  else
    problems.add(
      at,
      'key',
      'is missing: it is with whoever made the certificate; bind with a secret or a generated one',
    );
  return undefined;
}
