import type { FlowInput, TypedToken } from '../tokens/flow-input.ts';
import { refusal } from './refusal.ts';

/** What a caller of Find asks for besides the name (destination-service.md 4.2). */
export interface FindRequest {
  readonly skipTokenRetrieval: boolean;
  readonly skipCredentials: boolean;
  readonly includeOwner: boolean;
  /** `X-user-token`: the encoded token. */
  readonly userToken: string | undefined;
  /** `X-fragment-name`, in order; with `@level` in v2. */
  readonly fragments: readonly string[];
  readonly fragmentsOptional: boolean;
  readonly chain: Chain | undefined;
  /** What goes into the token request. */
  readonly input: FlowInput;
}

/** A predefined chain: another destination's token goes into this one's request (3.6). */
export type Chain =
  | {
      readonly kind: 'saml assertion';
      readonly destination: string;
      readonly fragment: string | undefined;
      readonly fragmentOptional: boolean;
      readonly subjectToken: TypedToken;
    }
  | {
      readonly kind: 'user token';
      readonly destination: string;
      readonly fragment: string | undefined;
      readonly fragmentOptional: boolean;
      readonly userToken: string;
    };

/** A header by its name, undefined when absent or empty. */
export type Header = (name: string) => string | undefined;

/** @throws AppError 400 for headers that do not go together */
export function readFindRequest(
  header: Header,
  query: Readonly<Record<string, unknown>>,
  named: (name: string) => boolean = () => true,
): FindRequest {
  const userToken = header('X-user-token');
  const tenant = header('X-tenant');
  if (userToken !== undefined && tenant !== undefined)
    throw refusal(400, 'The headers X-user-token and X-tenant must not be sent together');
  const fragments = (header('X-fragment-name') ?? '').split(',').flatMap((name) => name.trim() || []);
  const fragmentsOptional = isTrue(header('X-fragment-optional'));
  if (fragmentsOptional && fragments.length > 1)
    throw refusal(400, 'The header X-fragment-optional must not be sent with several fragments');
  const wrong = fragments.find((name) => !named(name));
  if (wrong !== undefined) throw refusal(400, 'The header X-fragment-name does not name a fragment');
  const chain = readChain(header);
  return {
    skipTokenRetrieval: isTrue(query['$skipTokenRetrieval']),
    skipCredentials: isTrue(query['$skipCredentials']),
    includeOwner: includes(query['$includeMetadata'] ?? query['includeMetadata'], 'owner'),
    userToken: chain?.kind === 'user token' ? chain.userToken : userToken,
    fragments,
    fragmentsOptional,
    chain,
    input: readInput(header, tenant),
  };
}

function readInput(header: Header, tenant: string | undefined): FlowInput {
  const code = header('X-code');
  const clientAssertion = typed(header, 'X-client-assertion', 'X-client-assertion-type');
  const assertionDestination = header('X-client-assertion-destination-name');
  if (clientAssertion !== undefined && assertionDestination !== undefined)
    throw refusal(400, 'Cannot mix header X-client-assertion-destination-name with header X-client-assertion');
  return {
    ...(code === undefined ? {} : { authorizationCode: { code, ...redirect(header) } }),
    ...given('refreshToken', header('X-refresh-token')),
    ...given('subjectToken', typed(header, 'X-subject-token', 'X-subject-token-type')),
    ...given('actorToken', typed(header, 'X-actor-token', 'X-actor-token-type')),
    ...given('samlAssertion', header('X-samlAssertion')),
    ...given('tenant', tenant),
    ...given('clientAssertion', clientAssertion),
    ...given('clientAssertionDestination', assertionDestination),
  };
}

/** The redirect URI comes URL-encoded (4.2). */
function redirect(header: Header) {
  const encoded = header('X-redirect-uri');
  let redirectUri = encoded;
  try {
    redirectUri = encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    throw refusal(400, 'The header X-redirect-uri is not URL-encoded');
  }
  return { redirectUri, codeVerifier: header('X-code-verifier') };
}

function typed(header: Header, name: string, typeName: string): TypedToken | undefined {
  const token = header(name);
  const type = header(typeName);
  if (token === undefined && type === undefined) return undefined;
  if (token === undefined || type === undefined)
    throw refusal(400, `The headers ${name} and ${typeName} must be sent together`);
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(type)) throw refusal(400, `The header ${typeName} must be an absolute URI`);
  return { token, type };
}

const chains = {
  'com.sap.iasGeneratedOAuth2SamlBearerAssertion': (variable: Header): Chain => ({
    kind: 'saml assertion',
    destination: needed(variable, 'samlProviderDestinationName'),
    fragment: variable('samlProviderFragmentName'),
    fragmentOptional: isTrue(variable('samlProviderFragmentOptional')),
    subjectToken: { token: needed(variable, 'subjectToken'), type: needed(variable, 'subjectTokenType') },
  }),
  'com.sap.sequentialUserPropagation': (variable: Header): Chain => ({
    kind: 'user token',
    destination: needed(variable, 'tokenTransformationDestinationName'),
    fragment: variable('tokenTransformationFragmentName'),
    fragmentOptional: isTrue(variable('tokenTransformationFragmentOptional')),
    userToken: needed(variable, 'userToken'),
  }),
} as const;

function readChain(header: Header): Chain | undefined {
  const name = header('X-chain-name');
  if (name === undefined) return undefined;
  if (!Object.hasOwn(chains, name)) throw refusal(400, `There is no chain of the name in X-chain-name`);
  return chains[name as keyof typeof chains]((variable) => header(`X-chain-var-${variable}`));
}

function needed(variable: Header, name: string): string {
  const value = variable(name);
  if (value === undefined) throw refusal(400, `The header X-chain-var-${name} is missing`);
  return value;
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [_ in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [_ in K]?: V };
}

function isTrue(value: unknown): boolean {
  return typeof value === 'string' && value.toLowerCase() === 'true';
}

function includes(value: unknown, word: string): boolean {
  return typeof value === 'string' && value.split(/[;,]/).some((one) => one.trim() === word);
}
