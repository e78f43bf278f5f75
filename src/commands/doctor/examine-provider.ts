import type { IdentityProvider } from '../../config/identity-provider.ts';
import { endpointProblem } from '../../config/loopback.ts';
import { createProviderFetch, type ProviderFetch, type ProxyOf } from '../../login/provider-fetch.ts';
import { judgeClock } from './judge-clock.ts';
import { probeEndpoint } from './probe-endpoint.ts';
import { Complaint, type Examination, type Finding, ok, type Step, take } from './step.ts';

/** Looks at an identity provider: the way there, its metadata, its keys, its clock. */
export async function examineProvider(
  provider: IdentityProvider,
  proxyOf: ProxyOf,
  limit: number,
): Promise<Examination> {
  const subject = `provider ${provider.name}`;
  const url = provider.kind === 'xsuaa' ? provider.url : provider.issuer;
  const { clientAuthentication } = provider;
  const proxy = proxyOf(url);
  if (typeof proxy === 'string')
    return {
      subject,
      steps: [await take('proxy', limit, () => ({ outcome: 'failed', told: `${url.origin} ${proxy}` }))],
    };
  const clientCertificate =
    clientAuthentication.method === 'tls_client_auth' ? clientAuthentication.keyPair : undefined;
  const tls = { verify: true, trust: [], hostNames: 'strict', clientCertificate } as const;
  const steps: Step[] = await probeEndpoint({ label: 'provider', url, tls, proxy, property: 'OIDC_ISSUER' }, limit);
  if (steps.some(({ outcome }) => outcome === 'failed')) return { subject, steps };
  const call = createProviderFetch(clientAuthentication, proxyOf);
  const metadataUrl = metadataOf(url);
  let keysUrl = provider.kind === 'xsuaa' ? `${url.href.replace(/\/$/, '')}/token_keys` : undefined;
  let clock: Finding | undefined;
  if (provider.kind !== 'xsuaa')
    steps.push(
      await take('discovery', limit, async () => {
        const begin = Date.now();
        const { body, date } = await getJson(call, metadataUrl, limit);
        clock = judgeClock(date, begin, Date.now());
        const { issuer, jwks_uri } = body;
        keysUrl = typeof jwks_uri === 'string' ? jwks_uri : undefined;
        if (keysUrl === undefined) throw new Complaint(`${metadataUrl} names no jwks_uri`, 'Check OIDC_ISSUER.');
        if (!isIssuer(issuer, url))
          throw new Complaint(
            `it calls itself ${JSON.stringify(issuer)}, not ${url.href}`,
            'Set OIDC_ISSUER to exactly that (OpenID Connect Discovery 4.3).',
          );
        return ok(metadataUrl);
      }),
    );
  const from = keysUrl;
  if (from !== undefined)
    steps.push(
      await take('keys', limit, async () => {
        const wrong = endpointProblem(from);
        if (wrong !== undefined) throw new Complaint(`jwks_uri ${wrong}`);
        const begin = Date.now();
        const { body, date } = await getJson(call, from, limit);
        clock ??= judgeClock(date, begin, Date.now());
        const keys = Array.isArray(body['keys']) ? body['keys'] : [];
        const usable = keys.filter((key) => key?.use === undefined || key.use === 'sig').length;
        if (usable === 0) throw new Complaint(`${from} holds no key that verifies signatures`);
        return ok(`${usable} to verify signatures with, from ${from}`);
      }),
    );
  const seen = clock;
  if (seen !== undefined) steps.push(await take('provider clock', limit, () => seen));
  return { subject, steps };
}

/** OpenID Connect Discovery 4: below the issuer, unless the metadata itself was named. */
function metadataOf({ href, pathname }: URL): string {
  return pathname.includes('/.well-known/') ? href : `${href.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** A provider named by its metadata says only there who it is; Entra ID's `common` writes {tenantid} (token-flows.md A1). */
function isIssuer(claimed: unknown, { href, pathname }: URL): boolean {
  if (typeof claimed !== 'string') return false;
  if (pathname.includes('/.well-known/') || claimed.includes('{tenantid}')) return true;
  return claimed === href || claimed === href.replace(/\/$/, '');
}

async function getJson(
  call: ProviderFetch,
  url: string,
  limit: number,
): Promise<{ readonly body: Readonly<Record<string, unknown>>; readonly date: string | undefined }> {
  const answer = await call(url, { signal: AbortSignal.timeout(limit), redirect: 'manual' }).catch((cause) => {
    const { code = (cause as Error).name } = (cause as { cause?: { code?: string } }).cause ?? {};
    throw new Complaint(`${url} cannot be read (${code})`);
  });
  const date = answer.headers.get('date') ?? undefined;
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Complaint(
      `${url} answers ${answer.status}`,
      'Check OIDC_ISSUER: nothing, or something else, stands there.',
    );
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null)
    throw new Complaint(`${url} is no JSON`, 'Check OIDC_ISSUER: something else stands there.');
  return { body: body as Readonly<Record<string, unknown>>, date };
}
