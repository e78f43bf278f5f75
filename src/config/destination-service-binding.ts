import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import { type Binding, placeOf } from './binding.ts';
import type { KeyPair } from './key-store.ts';
import { keyPairFromPem } from './key-store-pem.ts';
import { endpointProblem } from './loopback.ts';
import { checkShape } from './parse-json.ts';

/** A Destination service that is bound, or that a service key opens (destination-service.md 1.1). */
export interface DestinationServiceBinding {
  /** Where it was read from, for messages. */
  readonly at: string;
  /** Base of the REST API, without `/destination-configuration`. */
  readonly uri: URL;
  readonly clientId: string;
  readonly proof:
    | { readonly method: 'client_secret'; readonly secret: string }
    | { readonly method: 'tls_client_auth'; readonly keyPair: KeyPair };
  /** Token endpoint of the subaccount the instance is in. */
  readonly tokenUrl: URL;
  /** Subdomain of that subaccount; undefined: unknown, and then so are other tenants' hosts. */
  readonly identityZone: string | undefined;
  /** Id of that subaccount; undefined: every user counts as its own. */
  readonly tenantId: string | undefined;
}

const credentials = z.looseObject({
  uri: z.string({ error: 'is missing; the Destination service stands there' }),
  clientid: z.string({ error: 'is missing' }).min(1),
  url: z.string({ error: 'is missing; tokens for the service come from there' }),
  clientsecret: z.string().min(1).optional(),
  certificate: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  certurl: z.string().min(1).optional(),
  identityzone: z.string().min(1).optional(),
  tenantid: z.string().min(1).optional(),
});

/** The bound Destination service: label or tag `destination`. Of several the first, with a warning. */
export function destinationServiceBinding(
  bindings: readonly Binding[],
  problems: Problems,
): DestinationServiceBinding | undefined {
  const [binding, other] = bindings.filter(
    ({ label, tags }) => label === 'destination' || tags.includes('destination'),
  );
  if (binding === undefined) return undefined;
  if (other !== undefined)
    problems.warn('VCAP_SERVICES', 'destination', `has several entries; ${binding.name} is used, ${other.name} is not`);
  return readServiceKey(placeOf(binding), binding.credentials, problems);
}

/**
 * Checks the credentials of a binding or service key.
 * @param at where they stand, for messages
 */
export function readServiceKey(
  at: string,
  given: Readonly<Record<string, unknown>>,
  problems: Problems,
): DestinationServiceBinding | undefined {
  const known = checkShape(at, given, credentials, problems);
  if (known === undefined) return undefined;
  const x509 = known.certificate !== undefined && known.key !== undefined;
  const tokenBase = x509 ? (known.certurl ?? known.url) : known.url;
  for (const [name, url] of [
    ['uri', known.uri],
    [x509 && known.certurl ? 'certurl' : 'url', tokenBase],
  ] as const) {
    const wrong = endpointProblem(url);
    if (wrong === undefined) continue;
    problems.add(at, name, wrong);
    return undefined;
  }
  const proof = proofOf(at, known, problems);
  return (
    proof &&
    Object.freeze<DestinationServiceBinding>({
      at,
      uri: new URL(known.uri),
      clientId: known.clientid,
      proof,
      tokenUrl: new URL(`${tokenBase.replace(/\/+$/, '')}/oauth/token`),
      identityZone: known.identityzone,
      tenantId: known.tenantid,
    })
  );
}

function proofOf(
  at: string,
  { clientsecret, certificate, key }: z.infer<typeof credentials>,
  problems: Problems,
): DestinationServiceBinding['proof'] | undefined {
  if (certificate !== undefined && key !== undefined) {
    try {
      // PEM in JSON often arrives with escaped line breaks (token-flows.md C11).
      const pem = `${certificate}\n${key}`.replaceAll('\\n', '\n');
      return { method: 'tls_client_auth', keyPair: keyPairFromPem(at, pem, undefined) };
    } catch (cause) {
      problems.add(at, 'certificate', (cause as Error).message);
      return undefined;
    }
  }
  if (clientsecret !== undefined) return { method: 'client_secret', secret: clientsecret };
  problems.add(at, '', 'has neither clientsecret nor certificate and key; bind with another credential type');
  return undefined;
}
