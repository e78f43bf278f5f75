import type { Principal } from '../../authorization/principal.ts';
import type { Destination } from '../../destinations/destination.ts';
import type { TokenService } from '../../destinations/token-service.ts';
import { AppError } from '../../errors/app-error.ts';
import { forwardError } from '../../forwarding/forward-error.ts';
import type { Credential } from '../../tokens/credential.ts';
import type { OpenDestinations } from '../open-destinations.ts';
import { callTarget, findIn } from '../try-destination.ts';
import { clockOf } from './clock-of.ts';
import { type Endpoint, probeEndpoint } from './probe-endpoint.ts';
import { type Examination, type Finding, ok, type Step, skipped, take } from './step.ts';

export interface DestinationExam {
  readonly name: string;
  readonly principal: Principal;
  /** What is called below its URL. */
  readonly path: string;
  /** Milliseconds a step. */
  readonly limit: number;
}

/** Looks at a destination all the way: both ends of the network, the token, and a call that changes nothing. */
export async function examineDestination(open: OpenDestinations, exam: DestinationExam): Promise<Examination> {
  const { name, principal, limit } = exam;
  let destination: Destination | undefined;
  const configuration = await take('configuration', limit, async () => {
    const { value, told } = await findIn(open, name, principal);
    destination = value;
    return ok(told);
  });
  if (destination === undefined) return { subject: name, steps: [configuration] };
  const { url, tls, proxy } = destination;
  const target: Endpoint = { label: 'target', url, tls, proxy, property: 'URL' };
  const [way, service] = await Promise.all([
    probeEndpoint(target, limit),
    'tokenService' in destination ? probeTokenService(destination.tokenService, limit) : [],
  ]);
  const failed = (steps: readonly Step[]) => steps.find(({ outcome }) => outcome === 'failed');
  const { step, credential } = await obtain(open, destination, exam, failed(service));
  const call = await callStep(open, destination, exam, credential, failed(way));
  return { subject: name, steps: [configuration, ...way, ...service, step, call] };
}

async function probeTokenService(tokenService: TokenService, limit: number): Promise<Step[]> {
  const { url, tls, proxy, tenancy } = tokenService;
  if (tenancy !== undefined && tenancy.configured === undefined)
    return [await take('token service', limit, () => skipped('its address depends on the tenant of the user'))];
  const steps = await probeEndpoint({ label: 'token service', url, tls, proxy, property: 'tokenServiceURL' }, limit);
  if (steps.some(({ outcome }) => outcome === 'failed')) return steps;
  const clock = await take('token service clock', limit, () => clockOf(tokenService, limit));
  return [...steps, clock];
}

async function obtain(
  { tokens }: OpenDestinations,
  destination: Destination,
  { principal, limit }: DestinationExam,
  broken: Step | undefined,
): Promise<{ readonly step: Step; readonly credential: Credential | undefined }> {
  let credential: Credential | undefined;
  const step = await take('credential', limit, async () => {
    if (broken) return skipped(`see ${broken.name}`);
    const missing = missingInput(destination);
    if (missing !== undefined) return skipped(`needs ${missing}, which only callers of the Destination service bring`);
    try {
      const { credential: got, expiresAt } = await tokens.issue(destination, principal);
      credential = got;
      if (got.kind === 'none') return ok('none is needed');
      const life = expiresAt === undefined ? '' : `, for ${Math.round((expiresAt - Date.now()) / 1000)} s`;
      return ok(`header ${got.name}${life}`);
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'ERR_LOGIN_REQUIRED' && principal.kind !== 'user')
        return skipped('needs a user: give --user-token');
      throw cause;
    }
  });
  return { step, credential };
}

/** What a flow needs that nobody has at a command line. */
function missingInput(destination: Destination): string | undefined {
  if (destination.authentication === 'OAuth2RefreshToken') return 'a refresh token';
  if (destination.authentication === 'OAuth2AuthorizationCode') return 'an authorization code';
  const { authentication } = destination;
  if (authentication === 'OAuth2SAMLBearerAssertion' && destination.saml === undefined) return 'a SAML assertion';
  return undefined;
}

function callStep(
  open: OpenDestinations,
  destination: Destination,
  { path, limit }: DestinationExam,
  credential: Credential | undefined,
  broken: Step | undefined,
): Promise<Step> {
  return take('call', limit, async (): Promise<Finding> => {
    if (broken) return skipped(`see ${broken.name}`);
    if (credential === undefined) return skipped('there is no credential to call with');
    const header = credential.kind === 'header' ? { [credential.name]: credential.value } : {};
    const timeout = Math.min(limit, destination.timeout);
    const asked = { path, credential: header, timeout };
    const first = await callTarget(open, destination, { method: 'GET', ...asked });
    // Not implemented, or not allowed: it may answer HEAD (RFC 9110 15.5.6, 15.6.2).
    const again = first.value === 405 || first.value === 501;
    const { value: status, told } = again ? await callTarget(open, destination, { method: 'HEAD', ...asked }) : first;
    const shown = `${again ? 'HEAD' : 'GET'}: ${told}`;
    if (status === 404)
      return ok(`${shown}; nothing stands there, which is usual for a base URL (--path calls another)`);
    if (status >= 500) throw forwardError({ code: `HTTP ${status}` }, destination);
    return status >= 400
      ? { outcome: 'warning', told: shown, cure: 'Call something that is there with --path.' }
      : ok(shown);
  });
}
