import { decodeJson, verifyGraphToken } from '../entra/graph-nonce.ts';
import { graphId } from '../entra/resources.ts';
import { readBearer } from '../http/bearer.ts';
import { GraphError } from './graph-error.ts';
import type { GraphTenant } from './tenant.ts';

/** Who calls: a user through an application, or an application by itself. */
export type GraphCaller =
  | {
      readonly kind: 'delegated';
      readonly oid: string;
      readonly appId: string;
      readonly permissions: readonly string[];
    }
  | { readonly kind: 'application'; readonly appId: string; readonly permissions: readonly string[] };

type Claims = Readonly<Record<string, unknown>>;

/** A token that could be read, before it is believed. */
interface Presented {
  readonly token: string;
  readonly claims: Claims;
  readonly genuine: boolean;
}

/** The rules of token-flows.md B3 in the order in which a defect is reported. */
const rules: readonly {
  readonly message: string;
  readonly fails: (presented: Presented, tenant: GraphTenant) => boolean;
}[] = [
  {
    message: 'Access token validation failure. Invalid audience.',
    fails: ({ claims }, { identifiers }) => !identifiers.includes(String(claims['aud'])),
  },
  {
    message: 'Access token validation failure. Invalid signature.',
    fails: ({ genuine }) => !genuine,
  },
  {
    message: 'Access token validation failure. Invalid issuer.',
    fails: ({ claims }, { issuer }) => claims['iss'] !== issuer,
  },
  {
    message: 'Lifetime validation failed, the token is expired.',
    fails: ({ claims }, { clock }) => !(Number(claims['exp']) > clock.seconds()),
  },
];

/**
 * Tells who presents the token of a request.
 * @throws GraphError 401 InvalidAuthenticationToken, with a claims challenge where the client declared cp1
 */
export function authenticate(authorization: string | undefined, tenant: GraphTenant): GraphCaller {
  const bearer = readBearer(authorization);
  if (bearer.kind !== 'bearer') throw refused('Access token is empty.', tenant);
  const { token } = bearer;
  const parts = token.split('.');
  const claims = decodeJson(parts[1] ?? '');
  if (parts.length !== 3 || !decodeJson(parts[0] ?? '') || !claims) {
    throw refused('CompactToken parsing failed with error code: 80049217', tenant);
  }
  const presented = { token, claims, genuine: verifyGraphToken(token, tenant.directoryKey) !== undefined };
  const broken = rules.find(({ fails }) => fails(presented, tenant));
  if (broken) throw refused(broken.message, tenant);
  refuseRevoked(claims, tenant);
  return callerOf(claims);
}

function callerOf(claims: Claims): GraphCaller {
  const appId = String(claims['appid']);
  if (claims['idtyp'] === 'app') {
    const roles = Array.isArray(claims['roles']) ? claims['roles'].map(String) : [];
    return { kind: 'application', appId, permissions: roles };
  }
  return { kind: 'delegated', appId, oid: String(claims['oid']), permissions: String(claims['scp'] ?? '').split(' ') };
}

/** A client that declared cp1 is told which token would do; any other just meets a 401 (token-flows.md A10, H38). */
function refuseRevoked(claims: Claims, tenant: GraphTenant): void {
  const until = tenant.state.revokedUntil.get(String(claims['oid']));
  if (until === undefined || Number(claims['nbf']) >= until) return;
  const capable =
    Array.isArray(claims['xms_cc']) && claims['xms_cc'].some((value) => String(value).toLowerCase() === 'cp1');
  const message =
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp';
  throw refused(
    message,
    tenant,
    capable ? { access_token: { nbf: { essential: true, value: String(until) } } } : undefined,
  );
}

function refused(message: string, { authorizationUrl }: GraphTenant, challenge?: object): GraphError {
  const claims = challenge && Buffer.from(JSON.stringify(challenge)).toString('base64');
  const header =
    `Bearer realm="", authorization_uri="${authorizationUrl}", client_id="${graphId}"` +
    (claims ? `, error="insufficient_claims", claims="${claims}"` : '');
  return new GraphError(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': header });
}
