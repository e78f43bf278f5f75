import type { KeyPair } from '../config/key-store.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readKeyPair, requireRsa } from './read-key-pair.ts';
import type { ClientAssertionProfile, ClientAuthentication } from './token-service.ts';

/** What has been read of the token service before. */
interface Known {
  readonly endpoint: string;
  readonly body: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly clientCertificate: KeyPair | undefined;
}

/**
 * Decides how the client shows who it is, in one way (RFC 6749 2.3). First of: a fixed `tokenService.body.client_assertion`, tokenServiceUser and -Password as Basic, an assertion minted from
 * `clientAssertion.KeyStoreLocation` or fetched by `clientAssertion.destinationName`, the TLS certificate of
 * `tokenService.KeyStoreLocation`, the secret (destination-service.md 2.3, 2.6; design section 3). A TLS certificate is
 * presented in any case where one is set.
 */
export async function readClientAuthentication(
  p: Properties,
  context: DestinationContext,
  known: Known,
): Promise<ClientAuthentication> {
  const user = p.text('tokenServiceUser');
  const password = p.text('tokenServicePassword');
  const assertion = await readAssertion(p, context, known.endpoint);
  const destinationName = p.text('clientAssertion.destinationName')?.trim();
  const secret = p.text('clientSecret');
  const secretInBody = p.flag('tokenService.addClientCredentialsInBody', true);

  if ('client_assertion' in known.body) {
    const others = [
      'clientSecret',
      'clientAssertion.KeyStoreLocation',
      'clientAssertion.destinationName',
      'tokenServiceUser',
    ];
    for (const other of others)
      if (p.text(other) !== undefined)
        p.warn(other, 'is not used: tokenService.body.client_assertion is sent as it stands');
    return { method: 'none' };
  }
  if (user !== undefined || password !== undefined) {
    if (user === undefined) p.problem('tokenServiceUser', 'is missing; it goes with tokenServicePassword');
    if (password === undefined) p.problem('tokenServicePassword', 'is missing; it goes with tokenServiceUser');
    return { method: 'client_secret_basic', user: user ?? '', secret: password ?? '' };
  }
  if (destinationName !== undefined && p.text('clientAssertion.KeyStoreLocation') !== undefined)
    p.problem('clientAssertion.destinationName', 'and clientAssertion.KeyStoreLocation exclude each other; remove one');
  if (assertion) return { method: 'private_key_jwt', assertion };
  if (destinationName !== undefined) return { method: 'fetched_assertion', destinationName };
  if (known.clientCertificate) {
    if (secret !== undefined)
      p.warn('clientSecret', 'is not sent: the certificate of tokenService.KeyStoreLocation is');
    return { method: 'tls_client_auth' };
  }
  if (secret === undefined) return { method: 'none' };
  if (secretInBody) return { method: 'client_secret_post', secret };
  return { method: 'client_secret_basic', user: p.text('clientId') ?? p.text('clientKey') ?? '', secret };
}

/** A client that proves nothing is rarely meant; SAML types are the exception (SuccessFactors has no secret). */
export function warnIfUnproven(p: Properties, { clientAuthentication, body, headers }: Unproven): void {
  if (clientAuthentication.method !== 'none' || 'client_assertion' in body || 'authorization' in headers) return;
  // One that cannot be used is reported as such.
  if (p.text('clientAssertion.KeyStoreLocation') ?? p.text('tokenService.KeyStoreLocation')) return;
  p.warn('clientSecret', 'is missing, and so is any key store: the token service will take us for a public client');
}

type Unproven = Pick<Known, 'body' | 'headers'> & { readonly clientAuthentication: ClientAuthentication };

async function readAssertion(
  p: Properties,
  { keyStores, now }: DestinationContext,
  endpoint: string,
): Promise<ClientAssertionProfile | undefined> {
  const names = { location: 'clientAssertion.KeyStoreLocation', password: 'clientAssertion.KeyStorePassword' };
  const keyPair = await readKeyPair(p, names, keyStores, now);
  const algorithm = p.oneOf('clientAssertion.algorithm', ['PS256', 'RS256']);
  const audience = p.text('clientAssertion.audience') ?? endpoint;
  const lifetimeInSeconds = p.wholeNumber('clientAssertion.lifetimeInSeconds', 1, 86_400) ?? 300;
  if (keyPair === undefined) return undefined;
  requireRsa(p, names.location, keyPair);
  return { keyPair, algorithm, audience, lifetimeInSeconds };
}
