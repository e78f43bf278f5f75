/** What a refusal means and what to do about it. The first row that fits is taken, so the particular stand first. */
export interface TokenErrorRow {
  /** Entra's AADSTS codes; any of them. */
  readonly aadsts?: readonly number[];
  /** OAuth `error` (RFC 6749 5.2) or `suberror`; any of them. */
  readonly error?: readonly string[];
  /** Found in the text the service gives. */
  readonly text?: RegExp;
  /** The answer has the form of SuccessFactors's (token-flows.md E4). */
  readonly ofSuccessFactors?: true;
  readonly status?: readonly number[];
  /** 401: logging in again (or differently) helps. 403: a consent or assignment helps. Default: 502. */
  readonly answer?: 401 | 403;
  /** Ends the sentence "The token service … refuses destination …: …". */
  readonly cause: string;
  readonly cure: string;
}

/** Long because it is a table. Sources: token-flows.md A9 (Entra ID), D5 (XSUAA), E4 (SuccessFactors), C7 (IAS), F1; destination-service.md 4.9, 8. */
export const tokenErrorTable: readonly TokenErrorRow[] = [
  // Entra ID: who we are
  {
    aadsts: [7000215],
    cause: 'the client secret is wrong',
    cure: "Put the secret's value, not its id, into clientSecret.",
  },
  {
    aadsts: [7000222],
    cause: 'the client secret has expired',
    cure: 'Make a new secret in the app registration, or use clientAssertion.KeyStoreLocation.',
  },
  {
    aadsts: [7000218],
    cause: 'the client proves nothing, but is registered as confidential',
    cure: 'Set clientSecret or clientAssertion.KeyStoreLocation.',
  },
  {
    aadsts: [700025],
    cause: 'the client is registered as public, so it must not send a secret or assertion',
    cure: 'Register it as a confidential (web) client, or remove the secret.',
  },
  {
    aadsts: [700027],
    cause: 'the client assertion is not signed with a registered key',
    cure: "Upload the key store's certificate to the app registration (Certificates & secrets); a fixed client_assertion may carry a wrong x5t.",
  },
  {
    aadsts: [700024],
    cause: 'the client assertion is not valid at this time',
    cure: 'Check the clock here; a fixed tokenService.body.client_assertion expires: use clientAssertion.KeyStoreLocation.',
  },
  {
    aadsts: [700023, 5002741],
    cause: 'the audience of the client assertion is not this token endpoint',
    cure: 'Leave clientAssertion.audience unset, and use one tenant in tokenServiceURL throughout.',
  },
  {
    aadsts: [700021, 50048],
    cause: 'the client assertion names another client',
    cure: 'Make issuer and subject of the assertion the clientId.',
  },
  {
    aadsts: [5002723, 50027, 50012, 700030],
    cause: 'the assertion or its certificate is not of the accepted form',
    cure: 'Mint it with clientAssertion.KeyStoreLocation and a registered RSA certificate.',
  },
  {
    aadsts: [700016],
    cause: 'the client id is unknown in this tenant',
    cure: 'Check clientId and the tenant in tokenServiceURL.',
  },
  { aadsts: [7000112], cause: 'the application is disabled', cure: 'Enable it in Entra ID (Enterprise applications).' },
  {
    aadsts: [7000114, 90083],
    cause: 'the application may not act on behalf of a user with this token',
    cure: "On-Behalf-Of needs a user's token, not one of an application; for a technical user use OAuth2ClientCredentials.",
  },
  // Entra ID: where and what we ask
  {
    aadsts: [90002, 900023, 90019, 50059],
    cause: 'the tenant is unknown',
    cure: 'Check the tenant (id or domain) in tokenServiceURL.',
  },
  {
    aadsts: [50194, 9001023, 90124, 90130],
    cause: 'this grant is not served under /common',
    cure: "Put the tenant's id in place of common into tokenServiceURL.",
  },
  {
    aadsts: [900144, 90014],
    text: /requested_token_use/,
    cause: 'requested_token_use is missing',
    cure: 'Set tokenService.body.requested_token_use to on_behalf_of.',
  },
  {
    aadsts: [900144, 90014, 90100],
    cause: 'a parameter is missing',
    cure: 'The description names it; On-Behalf-Of needs tokenService.body.requested_token_use=on_behalf_of and scope.',
  },
  {
    aadsts: [900561],
    cause: 'the endpoint does not take POST',
    cure: 'tokenServiceURL must end in /oauth2/v2.0/token.',
  },
  {
    aadsts: [1002012],
    cause: 'client credentials need a scope that ends in /.default',
    cure: 'Set scope to <resource>/.default, e.g. https://graph.microsoft.com/.default.',
  },
  {
    aadsts: [700022],
    cause: 'the scopes are of more than one resource',
    cure: 'Ask for one resource a destination.',
  },
  { aadsts: [70011, 28002, 28003], cause: 'the scope is not valid', cure: 'Check the property scope.' },
  { aadsts: [70003], cause: 'it does not know this grant type', cure: 'Check Authentication and tokenServiceURL.' },
  {
    aadsts: [90023, 90013],
    cause: 'it finds a parameter malformed',
    cure: 'The description names it; compare tokenService.body.* with what the service documents.',
  },
  {
    aadsts: [500011, 650057],
    cause: 'the resource in the scope is not known to this tenant or client',
    cure: 'Check the resource in scope, and the API permissions of the app registration.',
  },
  {
    aadsts: [901002],
    cause: 'the v2.0 endpoint takes no resource',
    cure: 'Remove tokenService.body.resource and name the resource in scope.',
  },
  // Entra ID: the user's token
  {
    aadsts: [500131],
    cause: "the user's token was issued for another application",
    cure: 'Log users in with the same clientId (or hand on an access token for its App ID URI).',
  },
  {
    aadsts: [500133],
    answer: 401,
    cause: "the user's token has expired",
    cure: 'Log in again.',
  },
  {
    aadsts: [50013],
    cause: "the user's token does not verify",
    cure: 'It must come from the same directory and must not be a token for Microsoft Graph.',
  },
  {
    aadsts: [240002],
    cause: 'an id_token is not accepted as assertion',
    cure: 'Hand on an access token: ask for a scope of this application at login.',
  },
  {
    aadsts: [65001],
    answer: 403,
    cause: 'the user or an administrator has not consented to the scopes',
    cure: 'Give consent to this application for these scopes, or have an administrator do so.',
  },
  {
    aadsts: [50105],
    answer: 403,
    cause: 'the user is not assigned to the application',
    cure: 'Have an administrator assign the user (Enterprise applications, Users and groups).',
  },
  {
    aadsts: [50076, 50079, 50158],
    answer: 401,
    cause: 'the user must prove more, such as a second factor',
    cure: 'Log in again and answer what is asked.',
  },
  {
    aadsts: [50097, 53000, 53001, 53003, 530032],
    answer: 401,
    cause: 'a Conditional Access policy is not met',
    cure: 'Log in again from a device and place the policy allows.',
  },
  {
    aadsts: [70008, 700082, 700084, 70043, 50173, 70000],
    answer: 401,
    cause: "the user's grant has expired or was revoked",
    cure: 'Log in again.',
  },
  {
    aadsts: [54005],
    answer: 401,
    cause: 'the authorization code has been used before',
    cure: 'A code is good for one request: log in again.',
  },
  {
    aadsts: [9002313],
    cause: 'the code or token that was handed on is garbled',
    cure: 'Hand it on as it came, decoded from the URL exactly once.',
  },
  {
    aadsts: [501481, 50147, 501491],
    cause: 'the code verifier does not fit the code challenge of the login',
    cure: 'Hand on the code_verifier whose SHA-256 was sent as code_challenge (RFC 7636 4.6).',
  },
  {
    aadsts: [50011, 700005],
    cause: 'the redirect URI is not the one the code was issued for',
    cure: 'Hand on the redirect_uri of the login, character by character; it must be registered.',
  },
  { aadsts: [50058], answer: 401, cause: 'nobody is logged in at the identity provider', cure: 'Log in again.' },
  { aadsts: [50107], cause: 'the issuer of the SAML assertion is unknown', cure: 'Check assertionIssuer.' },
  {
    aadsts: [50196, 90055],
    cause: 'there were too many requests',
    cure: 'Wait; if it stays so, look for a client that asks in a loop.',
  },
  { aadsts: [90033, 90006, 90024], cause: 'it is out of order for the moment', cure: 'Try again later.' },

  // SuccessFactors: token endpoint
  {
    text: /invalid user\)/i,
    cause: 'SuccessFactors does not know the user in the assertion, or the user is inactive',
    cure: 'Check userIdSource and nameIdFormat: unspecified means the SuccessFactors user id, emailAddress the e-mail.',
  },
  {
    text: /verify the signature of the SAML/i,
    cause: 'the assertion is signed with another key than the one registered',
    cure: 'Register the certificate of KeyStoreLocation with this API key (Manage OAuth2 Client Applications).',
  },
  {
    text: /invalid useruuid/i,
    cause: 'SuccessFactors does not know the user_uuid in the assertion',
    cure: 'Set skipUserUuidInSAMLAttributes to true.',
  },
  {
    text: /company .*not found/i,
    cause: 'SuccessFactors does not know the company',
    cure: 'Check companyId; upper and lower case matter.',
  },
  {
    text: /AUTH0032/,
    cause: 'SuccessFactors does not accept the client certificate',
    cure: 'Its OAuth wants none: remove tokenService.KeyStoreLocation, or register the certificate for X.509 logins.',
  },
  {
    text: /Manage OAuth2 Client Applications/i,
    cause: 'the acting user lacks a permission in SuccessFactors',
    cure: 'Grant Manage OAuth2 Client Applications (Manage Integration Tools) to the user.',
  },

  // SuccessFactors: codes of its API, which its token endpoint may use, too
  { text: /LGN0001/, cause: 'there is no such endpoint', cure: 'Check the path of tokenServiceURL: /oauth/token.' },
  {
    text: /LGN0002/,
    cause: 'the user lacks the permission for OData',
    cure: 'Grant the OData API permission to the user in SuccessFactors.',
  },
  { text: /LGN0003/, cause: 'no credentials arrived', cure: 'Check that nothing on the way removes headers.' },
  {
    text: /LGN0004/,
    cause: 'this host of SuccessFactors is not its API server',
    cure: 'Use the API host of the data centre (api…) in tokenServiceURL and URL.',
  },
  {
    text: /LGN000[57]/,
    cause: 'the OAuth token is not one of this company',
    cure: 'Check companyId, and that URL and tokenServiceURL are of one data centre.',
  },
  { text: /LGN0006/, answer: 401, cause: 'the OAuth token has expired', cure: 'Log in again.' },
  {
    text: /LGN0008/,
    cause: 'SuccessFactors does not know the company',
    cure: 'Check companyId; upper and lower case matter.',
  },
  {
    text: /LGN0009/,
    cause: 'the OData API is not enabled for the company',
    cure: 'Have it enabled in SuccessFactors (Provisioning).',
  },
  {
    text: /LGN0010/,
    cause: 'this way to log in, or this address, is not allowed',
    cure: 'Check the IP restrictions of the user in SuccessFactors, and use OAuth.',
  },
  {
    text: /LGN0015/,
    cause: 'user name or password is wrong',
    cure: 'Check User and Password; with OAuth neither is sent.',
  },
  {
    text: /LGN0022/,
    cause: 'SuccessFactors has issued a token for a person and not for a user, or has withdrawn it',
    cure: 'Set skipUserUuidInSAMLAttributes to true.',
  },
  {
    ofSuccessFactors: true,
    status: [400, 401, 403],
    cause: 'SuccessFactors does not accept the client or the assertion',
    cure: 'Check clientKey and apiKey (the API key), audience (www.successfactors.com), assertionRecipient (the token URL) and the clock here.',
  },

  // XSUAA
  {
    text: /bad credentials/i,
    cause: 'client id or secret is wrong',
    cure: 'Check clientId and clientSecret against the current service key; they change when it is made anew.',
  },
  {
    text: /no client with requested id|client with requested id does not exist/i,
    cause: 'the client id is unknown in this zone',
    cure: 'Check clientId and the subdomain in tokenServiceURL against the current service key.',
  },
  {
    text: /client authentication failed/i,
    cause: 'it does not accept our client authentication',
    cure: 'Check clientId and the secret or certificate against the current service key. IAS locks a client for an hour after five failures.',
  },
  {
    text: /does not match authenticated client/i,
    cause: 'the form names another client than the Authorization header',
    cure: 'Make clientId and tokenServiceUser the same, and remove tokenService.body.client_id.',
  },
  {
    text: /unauthorized grant type/i,
    cause: 'the client may not use this grant',
    cure: 'Allow the grant type in xs-security.json (oauth2-configuration, grant-types) and update the service.',
  },
  {
    text: /client_assertion/i,
    cause: 'it does not accept the client assertion',
    cure: 'Check that its key is registered for the client, and that clientAssertion.audience is what the service wants.',
  },
  {
    text: /invalid authorization code/i,
    answer: 401,
    cause: 'the authorization code is unknown, used or too old',
    cure: 'A code is good for one request: log in again.',
  },
  {
    text: /redirect[_ ]uri[_ ]mismatch|does not match .*regist/i,
    cause: 'the redirect URI is not the one the code was issued for',
    cure: 'Hand on the redirect_uri of the login; it must be registered.',
  },
  {
    text: /PKCE error|code verifier/i,
    cause: 'the code verifier does not fit the code challenge of the login',
    cure: 'Hand on the code_verifier whose SHA-256 was sent as code_challenge (RFC 7636 4.6).',
  },
  {
    text: /refresh_token parameter not provided|missing grant type/i,
    cause: 'the form did not arrive whole',
    cure: 'Look for a proxy on the way that changes bodies, and for tokenService.body.* that empties a field.',
  },
  {
    text: /not an active idp|does not support .*grant|login_hint/i,
    cause: "the user's identity provider does not take passwords",
    cure: 'OAuth2Password needs a user of an OpenID Connect provider; use another grant.',
  },
  {
    text: /unsupported instance credential/i,
    cause: 'the client is registered with a certificate, but used the host for secrets',
    cure: "Use the binding's certurl in tokenServiceURL and set tokenService.KeyStoreLocation.",
  },
  {
    text: /subdomain does not map/i,
    cause: 'the subdomain in tokenServiceURL is unknown',
    cure: 'Check the tenant in tokenServiceURL.',
  },
  {
    text: /unknown signing key|untrusted issuer/i,
    cause: "the user's token comes from an issuer it does not trust",
    cure: 'Set up trust between the two, or use OAuth2SAMLBearerAssertion.',
  },
  {
    text: /insufficient scope/i,
    cause: "the user's token lacks a scope, mostly uaa.user",
    cure: 'Ask for uaa.user in xs-security.json.',
  },
  {
    text: /assertion is missing/i,
    cause: 'no assertion arrived',
    cure: 'Check that tokenServiceURL is the token endpoint for this grant.',
  },
  {
    error: ['unauthorized'],
    text: /assertion|saml|audience|recipient|signature|expired/i,
    cause: 'it does not accept the assertion',
    cure: 'Check audience (the SAML entity ID of the zone), assertionRecipient, the signing certificate it trusts, and the clock here.',
  },
  {
    text: /csrf token/i,
    cause: 'this path of a UAA is no token endpoint',
    cure: 'tokenServiceURL must end in /oauth/token.',
  },

  // Any OAuth service
  {
    // The last five are suberrors of Entra ID, for codes that are not above (token-flows.md A8).
    error: [
      'interaction_required',
      'login_required',
      'basic_action',
      'additional_action',
      'message_only',
      'user_password_expired',
      'bad_token',
    ],
    answer: 401,
    cause: 'the user must take part',
    cure: 'Log in again.',
  },
  {
    error: ['consent_required'],
    answer: 401,
    cause: 'the user has not consented',
    cure: 'Log in again and give consent.',
  },
  {
    error: ['invalid_client', 'unauthorized'],
    cause: 'it does not accept our client authentication',
    cure: 'Check clientId and the secret, certificate or assertion; does the service want them as Basic (tokenService.addClientCredentialsInBody=false)? IAS locks a client for an hour after five failures.',
  },
  {
    error: ['invalid_grant'],
    cause: 'it does not accept the assertion',
    cure: 'Check audience, issuer and expiry of the token or assertion handed on, and that the service trusts its issuer.',
  },
  {
    // Of the token in an Authorization header or an assertion (RFC 6750 3.1); UAA says it of refresh tokens, too.
    error: ['invalid_token'],
    cause: 'it does not accept the token handed on',
    cure: 'Log in again; if that does not help, see that the service trusts the issuer of the token, and is of the same tenant.',
  },
  {
    error: ['unauthorized_client'],
    cause: 'the client may not use this grant',
    cure: 'Enable the grant type for this client at the service (IAS: jwt-bearer must be added).',
  },
  {
    error: ['unsupported_grant_type'],
    cause: 'it does not know this grant type',
    cure: 'Check Authentication and tokenServiceURL.',
  },
  {
    error: ['invalid_scope', 'insufficient_scope'],
    cause: 'the scope is not valid for this client',
    cure: 'Check the property scope.',
  },
  {
    error: ['redirect_uri_mismatch'],
    cause: 'the redirect URI is not one of the client',
    cure: 'Register it, and hand on the one of the login.',
  },
  {
    error: ['method_not_allowed'],
    cause: 'this address does not take token requests',
    cure: 'Check the path of tokenServiceURL (XSUAA /oauth/token, IAS /oauth2/token, Entra /oauth2/v2.0/token).',
  },
  {
    error: ['invalid_target', 'invalid_resource'],
    cause: 'the resource asked for is unknown',
    cure: 'Check tokenService.body.resource and the dependencies of the application.',
  },
  {
    error: ['invalid_request'],
    cause: 'it finds the request malformed',
    cure: 'Compare the properties with what the service documents for this grant.',
  },
  {
    status: [429],
    cause: 'there were too many requests',
    cure: 'Wait; if it stays so, look for a client that asks in a loop.',
  },
  {
    error: ['temporarily_unavailable', 'server_error', 'slow_down'],
    cause: 'it is out of order for the moment',
    cure: 'Try again later.',
  },

  // No words, only a status
  {
    status: [301, 302, 303, 307, 308],
    cause: 'it answers with a redirect, which is not followed',
    cure: 'tokenServiceURL must be the token endpoint itself, not a login page.',
  },
  {
    status: [401, 403],
    cause: 'it does not accept us',
    cure: 'Check clientId and the secret, certificate or assertion.',
  },
  {
    status: [404, 405],
    cause: 'there is no token endpoint at this address',
    cure: 'Check the path of tokenServiceURL (XSUAA /oauth/token, IAS /oauth2/token, Entra /oauth2/v2.0/token).',
  },
  { status: [408, 500, 502, 503, 504], cause: 'it is out of order', cure: 'Try again later.' },
];
