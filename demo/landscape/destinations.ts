import type { Landscape } from './landscape.ts';

/** A flat object of the Destination service: every value is a string (destination-service.md section 0 #1). */
export type FlatDestination = Readonly<Record<string, string>>;

/** Secrets stay out of destinations.json: it names these variables, and the environment holds the values. */
export function secretVariables({ entra, successFactors, ias }: Landscape): Readonly<Record<string, string>> {
  return {
    LANDSCAPE_ENTRA_CLIENT_SECRET: entra.client.secret,
    LANDSCAPE_ENTRA_KEYSTORE_PASSWORD: entra.client.certificate.password,
    LANDSCAPE_SUCCESSFACTORS_KEYSTORE_PASSWORD: successFactors.signing.password,
    LANDSCAPE_IAS_KEYSTORE_PASSWORD: ias.client.certificate.password,
  };
}

/** Names of the files in `keystores/`. */
export const keyStoreFiles = Object.freeze({
  entraClient: 'entra-client.p12',
  successFactorsSigning: 'successfactors-signing.p12',
  iasClient: 'ias-client.p12',
  authority: 'landscape-ca.pem',
});

/** The demo's destinations: one for each token flow (destination-service.md 2.6, 2.7; design section 3). */
export function destinationsOf(landscape: Landscape): readonly FlatDestination[] {
  const { entra, graph } = landscape;
  const graphTarget = {
    ...http,
    URL: graph.url,
    tokenServiceURL: entra.tokenUrl,
    clientId: entra.client.id,
    scope: graph.defaultScope,
  };
  const onBehalfOf = { Authentication: 'OAuth2JWTBearer', 'tokenService.body.requested_token_use': 'on_behalf_of' };
  const technical = { Authentication: 'OAuth2ClientCredentials' };
  const secret = { clientSecret: variable('LANDSCAPE_ENTRA_CLIENT_SECRET') };
  const assertion = {
    'clientAssertion.KeyStoreLocation': keyStoreFiles.entraClient,
    'clientAssertion.KeyStorePassword': variable('LANDSCAPE_ENTRA_KEYSTORE_PASSWORD'),
  };
  return [
    { Name: 'graph-user', ...graphTarget, ...onBehalfOf, ...secret },
    { Name: 'graph-user-assertion', ...graphTarget, ...onBehalfOf, ...assertion },
    { Name: 'graph-technical', ...graphTarget, ...technical, ...assertion },
    { Name: 'graph-technical-secret', ...graphTarget, ...technical, ...secret },
    successFactorsDestination(landscape),
    { Name: 'ias-api', ...iasTarget(landscape), ...technical },
    { Name: 'ias-user', ...iasTarget(landscape), Authentication: 'OAuth2JWTBearer', 'csrfToken.fetch': 'true' },
  ];
}

const http = { Type: 'HTTP', ProxyType: 'Internet', tokenServiceURLType: 'Dedicated' };

function successFactorsDestination({ successFactors }: Landscape): FlatDestination {
  return {
    Name: 'successfactors',
    ...http,
    URL: successFactors.url,
    Authentication: 'OAuth2SAMLBearerAssertion',
    audience: successFactors.audience,
    clientKey: successFactors.apiKey,
    apiKey: successFactors.apiKey,
    companyId: successFactors.companyId,
    tokenServiceURL: successFactors.tokenUrl,
    KeyStoreLocation: keyStoreFiles.successFactorsSigning,
    KeyStorePassword: variable('LANDSCAPE_SUCCESSFACTORS_KEYSTORE_PASSWORD'),
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    userIdSource: 'email',
    authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession',
    skipUserUuidInSAMLAttributes: 'true',
  };
}

/** Mutual TLS towards the token service; the CA is trusted there and at the API. */
function iasTarget({ ias, costCenters }: Landscape): FlatDestination {
  return {
    ...http,
    URL: costCenters.origin,
    tokenServiceURL: ias.tokenUrl,
    clientId: ias.client.id,
    'tokenService.KeyStoreLocation': keyStoreFiles.iasClient,
    'tokenService.KeyStorePassword': variable('LANDSCAPE_IAS_KEYSTORE_PASSWORD'),
    TrustStoreLocation: keyStoreFiles.authority,
    'tokenService.body.resource': ias.client.costCentersResource,
    'tokenService.body.token_format': 'jwt',
  };
}

function variable(name: string): string {
  return `\${env:${name}}`;
}
