import express, { type Express, type Request } from 'express';
import { type JWTPayload, jwtVerify } from 'jose';
import { readBearer } from '../http/bearer.ts';
import type { CallRecorder } from '../http/calls.ts';
import { rawBody } from '../http/raw-body.ts';
import { demandCsrfToken } from './demand-csrf-token.ts';
import { presentedCertificate } from './presented-certificate.ts';
import { type IasTenant, verificationKey } from './tenant.ts';

/**
 * What the API does about `cnf` (RFC 8705 3): `if-presented` compares when the connection has a client certificate,
 * `required` wants a bound token and its certificate on every call, `off` does not look.
 */
export type CertificateBinding = 'if-presented' | 'required' | 'off';

export interface CostCentersParts {
  readonly tenant: IasTenant;
  /** Client id of this API in IAS: what tokens must be meant for. */
  readonly audience: string;
  readonly binding: CertificateBinding;
  readonly recorder: CallRecorder;
}

const costCenters = [
  { id: '4100', name: 'Pilotage', currency: 'EUR', budget: 420_000 },
  { id: '4200', name: 'Quay maintenance', currency: 'EUR', budget: 1_150_000 },
  { id: '4300', name: 'Customs house', currency: 'EUR', budget: 265_000 },
];

/** A small API protected by tokens of the IAS-like service: the cost centers of the harbour, and what is booked on them. */
export function makeCostCenters(parts: CostCentersParts): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(rawBody, parts.recorder.record('costCenters'));
  app.use(async (request, response, next) => {
    const verdict = await judge(request, parts);
    if (verdict.kind === 'accepted') {
      response.locals['caller'] = callerOf(verdict.claims);
      return next();
    }
    const { status, challenge } = refusals[verdict.kind];
    response.status(status).set('WWW-Authenticate', challenge).json({ error: verdict.kind });
  });
  app.use(demandCsrfToken(({ locals }) => JSON.stringify(locals['caller'])));
  app.get('/cost-centers', (_request, response) => {
    response.json({ caller: response.locals['caller'], value: costCenters });
  });
  app.get('/cost-centers/:id', (request, response) => {
    const found = costCenters.find(({ id }) => id === request.params.id);
    if (found) response.json(found);
    else response.status(404).json({ error: 'not_found' });
  });
  app.post('/cost-centers/:id/bookings', (request, response) => {
    const found = costCenters.find(({ id }) => id === request.params.id);
    const amount = amountIn(request.body);
    if (found === undefined) response.status(404).json({ error: 'not_found' });
    else if (amount === undefined) response.status(400).json({ error: 'amount must be a number above 0' });
    else response.status(201).json({ caller: response.locals['caller'], costCenter: found.id, amount });
  });
  return app;
}

type Verdict =
  | { readonly kind: 'accepted'; readonly claims: JWTPayload }
  | { readonly kind: 'unauthenticated' | 'invalid_request' | 'invalid_token' };

/** RFC 6750 3: no error code when nothing was presented, 400 for something malformed (token-flows.md F9). */
const refusals = {
  unauthenticated: { status: 401, challenge: 'Bearer' },
  invalid_request: { status: 400, challenge: 'Bearer error="invalid_request"' },
  invalid_token: { status: 401, challenge: 'Bearer error="invalid_token"' },
} as const;

async function judge(request: Request, { tenant, audience, binding }: CostCentersParts): Promise<Verdict> {
  const bearer = readBearer(request.get('authorization'));
  if (bearer.kind === 'none') return { kind: 'unauthenticated' };
  if (bearer.kind === 'other') return { kind: 'invalid_request' };
  try {
    const { payload } = await jwtVerify(bearer.token, verificationKey(tenant), {
      issuer: tenant.origin,
      audience,
      algorithms: ['RS256'],
      requiredClaims: ['exp'],
      currentDate: new Date(tenant.clock.now()),
    });
    return isBound(payload, request, binding) ? { kind: 'accepted', claims: payload } : { kind: 'invalid_token' };
  } catch {
    return { kind: 'invalid_token' };
  }
}

function isBound({ cnf }: JWTPayload, request: Request, binding: CertificateBinding): boolean {
  const wanted = (cnf as { 'x5t#S256'?: string } | undefined)?.['x5t#S256'];
  if (binding === 'off') return true;
  if (wanted === undefined) return binding === 'if-presented';
  const presented = presentedCertificate(request)?.x5tS256;
  return presented === undefined ? binding === 'if-presented' : presented === wanted;
}

function amountIn(body: unknown): number | undefined {
  try {
    const { amount } = JSON.parse(String(body)) as { amount?: unknown };
    return typeof amount === 'number' && amount > 0 ? amount : undefined;
  } catch {
    return undefined;
  }
}

function callerOf(claims: JWTPayload) {
  return claims['sap_id_type'] === 'user'
    ? { kind: 'user', name: claims['name'], email: claims['email'] }
    : { kind: 'application', clientId: claims['azp'] };
}
