import { anonymous, type Principal, type User } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import type { AppError } from '../errors/app-error.ts';
import type { FlowInput } from '../tokens/flow-input.ts';
import type { Tokens } from '../tokens/obtain-credential.ts';
import type { Chain, FindRequest } from './find-request.ts';
import type { Flat } from './flat.ts';
import { type Gathered, gather } from './gather.ts';
import type { ParseFlat } from './parse-flat.ts';
import { refusal } from './refusal.ts';
import type { Level } from './shelf.ts';
import type { Store } from './store.ts';
import { failedEntry, reasonOf, type TokenEntry, tokenEntry } from './token-entry.ts';
import { authenticationOf, planToken } from './token-source.ts';
import type { VerifyUserToken } from './verify-user-token.ts';

/** What getting tokens needs. */
export interface TokenSources {
  readonly store: Store;
  readonly tokens: Tokens;
  readonly parse: ParseFlat;
  readonly verifyUserToken: VerifyUserToken;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Runs the flow of a destination, the same that the router runs, for the user of a token or for the client.
 * @param caller the user that the Authorization header stands for, if any
 * @returns undefined where there is no token to get; a failure as an entry
 */
export async function obtainTokenEntry(
  sources: TokenSources,
  { level, destination: properties }: Gathered,
  request: FindRequest,
  caller: User | undefined,
): Promise<TokenEntry | undefined> {
  const plan = planToken(properties);
  if (plan.kind === 'none') return undefined;
  if (plan.kind === 'impossible') return failedEntry(plan.why);
  try {
    const destination = await sources.parse(level, plan.properties);
    demand(properties, request, destination);
    const others = await gatherOthers(sources, level, plan.properties, request);
    const find = (name: string) => others.get(name);
    const principal = await principalOf(sources, destination, request, caller, find);
    const input = await chained(sources, request.chain, request.input, principal, find);
    const issued = await sources.tokens.issue(destination, principal, { input, find });
    return tokenEntry(issued, plan.headerName, sources.now());
  } catch (cause) {
    return failedEntry(userMissing(cause, properties) ?? reasonOf(cause));
  }
}

/** Headers without which a type cannot work (destination-service.md 2.5, 4.9). @throws AppError */
function demand(properties: Flat, { input, chain }: FindRequest, destination: Destination): void {
  const needs: Readonly<Record<string, string | undefined>> = {
    OAuth2RefreshToken: input.refreshToken === undefined ? 'X-refresh-token' : undefined,
    OAuth2AuthorizationCode: input.authorizationCode === undefined ? 'X-code' : undefined,
    OAuth2TokenExchange:
      input.subjectToken === undefined && !('tokenService.body.subject_token' in properties)
        ? 'X-subject-token, with X-subject-token-type,'
        : undefined,
    OAuth2SAMLBearerAssertion:
      properties['SAMLAssertionProvider'] === 'ClientProvided' &&
      input.samlAssertion === undefined &&
      chain?.kind !== 'saml assertion'
        ? 'X-samlAssertion'
        : undefined,
  };
  const missing = needs[authenticationOf(properties)];
  if (missing !== undefined) throw refusal(400, `The header ${missing} is missing`);
  if (!('tokenService' in destination)) return;
  const { tenancy } = destination.tokenService;
  const forClients = ['OAuth2ClientCredentials', 'OAuth2TechnicalUserPropagation'];
  if (
    forClients.includes(authenticationOf(properties)) &&
    tenancy !== undefined &&
    tenancy.configured === undefined &&
    input.tenant === undefined
  )
    throw refusal(400, 'You must send the X-tenant header when the tokenServiceURLType property is Common');
}

/** All destinations whose tokens may be needed, by name, on the level of the one that needs them (2.6, 3.6). */
async function gatherOthers(
  sources: TokenSources,
  level: Level,
  properties: Flat,
  { chain, input }: FindRequest,
): Promise<ReadonlyMap<string, Destination>> {
  const found = new Map<string, Destination>();
  const add = async (name: string | undefined, fragment?: string, optional = false): Promise<void> => {
    if (name === undefined || found.has(name)) return;
    const fragments = { fragments: fragment === undefined ? [] : [fragment], fragmentsOptional: optional };
    const other = await gather(sources.store, name, level, fragments).catch(() => {
      throw refusal(400, `The destination ${name}, whose token is needed, does not exist on ${level} level`);
    });
    const plan = planToken(other.destination);
    if (plan.kind !== 'flow') throw refusal(400, `The destination ${name} gets no token`);
    found.set(name, await sources.parse(level, plan.properties));
    await follow(plan.properties);
  };
  const follow = async (from: Flat) => {
    await add(from['clientAssertion.destinationName']?.trim());
    await add(from['userToken.destinationName']?.trim());
  };
  await add(chain?.destination, chain?.fragment, chain?.fragmentOptional);
  await add(input.clientAssertionDestination);
  await follow(properties);
  return found;
}

/** For whom: the user of X-user-token, verified, else the one that the service's own token stands for. */
async function principalOf(
  sources: TokenSources,
  destination: Destination,
  { userToken, chain }: FindRequest,
  caller: User | undefined,
  find: (name: string) => Destination | undefined,
): Promise<Principal> {
  // The first destination of a chain is shown the user's token, so its keys are the ones to go by.
  const first = chain?.kind === 'user token' ? (find(chain.destination) ?? destination) : destination;
  if (!('userToken' in first)) return anonymous;
  if (userToken === undefined) return caller ?? anonymous;
  const own = first.userToken.destinationName;
  const shown = own === undefined ? first : (find(own) ?? first);
  return sources.verifyUserToken(userToken, 'userToken' in shown ? shown.userToken.verification : undefined);
}

async function chained(
  { tokens }: TokenSources,
  chain: Chain | undefined,
  input: FlowInput,
  principal: Principal,
  find: (name: string) => Destination | undefined,
): Promise<FlowInput> {
  if (chain === undefined) return input;
  if (chain.kind === 'user token') return { ...input, userTokenDestination: chain.destination };
  const provider = find(chain.destination);
  if (provider === undefined) throw refusal(400, `The destination ${chain.destination} does not exist`);
  const { answer } = await tokens.issue(provider, principal, { input: { subjectToken: chain.subjectToken }, find });
  if (answer === undefined) throw refusal(400, `The destination ${chain.destination} gets no SAML assertion`);
  return { ...input, samlAssertion: answer.token };
}

/** Clients know this sentence (4.9). */
function userMissing(cause: unknown, properties: Flat): string | undefined {
  if ((cause as AppError).code !== 'ERR_LOGIN_REQUIRED' || (cause as AppError).members['destination'] === undefined)
    return undefined;
  const authentication = authenticationOf(properties);
  const otherwise = authentication.includes('SAML') ? ' or configure it with SystemUser' : '';
  return `Cannot determine user to propagate for ${authentication} destination. Either provide user_token JWT token (https://docs.cloudfoundry.org/api/uaa/version/4.7.1/index.html#user-token-grant) when retrieving the destination${otherwise}.`;
}
