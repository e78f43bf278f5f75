import type { Flat } from './flat.ts';

/** What becomes of one authentication type when a token is asked for. */
export type TokenPlan =
  /** There is nothing to get: the client does it all. */
  | { readonly kind: 'none' }
  /** A flow gets it. `properties` are those of the destination that the flow reads. */
  | { readonly kind: 'flow'; readonly properties: Flat; readonly headerName: string }
  | { readonly kind: 'impossible'; readonly why: string };

/** These need nothing of the service (destination-service.md 2.5). */
const withoutToken = ['NoAuthentication', 'ClientCertificateAuthentication', 'PrincipalPropagation'];

/** Read by the client for calls to the target, which the service never calls. */
const ofTheClient =
  /^(?:HTML5\.|ForwardAuthToken$|URL\.|URL$|ProxyType$|CloudConnectorLocationId$|Preemptive$|strictSSL$|sap-client$|proxyHost$|proxyPort$)/i;

/** The technical user's token goes to the Cloud Connector, not to the target (2.5). */
const technical = 'SAP-Connectivity-Technical-Authentication';

/** What a destination's token takes. Only the part of a destination that concerns tokens can make it fail. */
export function planToken(destination: Flat): TokenPlan {
  const { Type: type = 'HTTP', ProxyType: proxy = 'Internet' } = destination;
  const authentication = authenticationOf(destination);
  if (type !== 'HTTP' || withoutToken.includes(authentication)) return { kind: 'none' };
  const propagation = authentication === 'OAuth2TechnicalUserPropagation';
  const tokenProxy = propagation ? 'Internet' : (destination['tokenServiceURL.ProxyType'] ?? proxy);
  if (authentication.startsWith('OAuth2') && tokenProxy === 'OnPremise')
    return {
      kind: 'impossible',
      why: 'the token service is behind a Cloud Connector, which a local service has not; if it can be reached without, set tokenServiceURL.ProxyType to Internet',
    };
  const kept = Object.entries(destination).filter(
    ([name]) => !ofTheClient.test(name) && name !== 'tokenServiceURL.ProxyType',
  );
  return {
    kind: 'flow',
    // The address is never called; that it is there and well-formed is the client's business.
    properties: Object.freeze({
      ...Object.fromEntries(kept),
      URL: 'https://not-called.invalid',
      Authentication: propagation ? 'OAuth2ClientCredentials' : authentication,
    }),
    headerName: propagation ? technical : 'Authorization',
  };
}

/** Absent: what the SDK does (2.1). */
export function authenticationOf(destination: Flat): string {
  const implied = destination['User'] && destination['Password'] ? 'BasicAuthentication' : 'NoAuthentication';
  return destination['Authentication']?.trim() || implied;
}
