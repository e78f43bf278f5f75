import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './at-end.ts';

type Flat = Readonly<Record<string, string>>;

/** A call of the REST API, as it arrived. */
export interface ServiceCall {
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  /** Of the service token: `provider`, or the id in `x-zid`. */
  readonly tenant: string;
}

/** What a subaccount and its instance hold. */
export interface Subaccount {
  readonly subaccount: Map<string, Flat>;
  readonly instance: Map<string, Flat>;
  readonly fragments: Map<string, Flat>;
  /** Base64 by name. */
  readonly certificates: Map<string, string>;
}

/**
 * A Destination service on loopback, as strict as destination-service.md sections 1 and 4: tokens by client credentials of
 * its own client only, a store for each tenant, the literal 404, headers that exclude each other, token errors with 200.
 */
export interface StandIn {
  readonly origin: string;
  /** Value of VCAP_SERVICES. */
  readonly binding: object;
  of(tenant: string): Subaccount;
  readonly calls: ServiceCall[];
  readonly tokenRequests: { readonly form: URLSearchParams; readonly zid: string | undefined }[];
  /** Answers every call of the API in place of the service; undefined: the service does. */
  answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** The same for token requests. */
  answerToken: ((response: ServerResponse) => boolean) | undefined;
  /** What stands in authTokens; default: a token that tells whose it is. */
  authToken: (properties: Flat, call: ServiceCall) => object | undefined;
  /** Tokens given so far are void. */
  revoke(): void;
  close(): Promise<void>;
  reset(): void;
}

export const providerTenant = 'provider-tenant';
const client = { id: 'sb-clone!b1|destination-xsappname!b2', secret: 'service-secret-Zx81' };

/** The token that the stand-in gives for a destination, by what it was asked with. */
export function tokenFor(name: string, tenant: string, userToken: string | undefined): string {
  return `${name}.${tenant}.${userToken === undefined ? 'client' : hash(userToken)}`;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

const tokenTypes = /^(OAuth2|SAML|Basic)/;

export async function startStandIn(): Promise<StandIn> {
  const tenants = new Map<string, Subaccount>();
  const issued = new Map<string, string>();
  let serial = 0;

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://x');
    if (url.pathname === '/oauth/token') return giveToken(request, response, Buffer.concat(chunks).toString());
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const tenant = issued.get(bearer);
    const call = { path: url.pathname, query: url.search, headers: request.headers, tenant: tenant ?? 'nobody' };
    standIn.calls.push(call);
    if (standIn.answer?.(request, response)) return;
    if (tenant === undefined)
      return json(response, 401, { ErrorMessage: 'Unable to parse the JWT in Authorization Header.' });
    return serve(call, response);
  });

  function giveToken(request: IncomingMessage, response: ServerResponse, body: string) {
    const form = new URLSearchParams(body);
    const zid = [request.headers['x-zid']].flat()[0];
    standIn.tokenRequests.push({ form, zid });
    if (standIn.answerToken?.(response)) return;
    const good =
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === client.id &&
      form.get('client_secret') === client.secret;
    if (!good) return json(response, 401, { error: 'unauthorized', error_description: 'Bad credentials' });
    const token = `service-token-${++serial}-of-${zid ?? 'provider'}`;
    issued.set(token, zid ?? providerTenant);
    json(response, 200, { access_token: token, token_type: 'bearer', expires_in: 43_199 });
  }

  function serve(call: ServiceCall, response: ServerResponse) {
    const { path, headers, tenant } = call;
    const store = standIn.of(tenant);
    const certificate = /^\/destination-configuration\/v1\/(?:subaccount|instance)Certificates\/([^/]+)$/.exec(path);
    if (certificate) {
      const name = decodeURIComponent(certificate[1] ?? '');
      const content = store.certificates.get(name);
      if (content === undefined) return json(response, 404, { ErrorMessage: 'Certificate not found' });
      return json(response, 200, { Name: name, Content: content, Type: 'CERTIFICATE' });
    }
    const list = /^\/destination-configuration\/v1\/(subaccount|instance)Destinations$/.exec(path);
    if (list) return json(response, 200, [...store[list[1] as 'subaccount' | 'instance'].values()]);
    const find = /^\/destination-configuration\/(v1|v2)\/destinations\/([^/@]+)(?:@(\w+))?$/.exec(path);
    if (!find) return json(response, 404, 'no such path');
    const [, version, encoded = '', level] = find;
    if (version === 'v1' && level !== undefined) return json(response, 400, { ErrorMessage: 'no level in v1' });
    if (headers['x-tenant'] && headers['x-user-token'])
      return json(response, 400, { ErrorMessage: 'X-tenant must not be used with X-user-token' });
    const name = decodeURIComponent(encoded);
    const owner = level?.startsWith('provider_') ? standIn.of(providerTenant) : store;
    const atInstance = level === undefined || level.endsWith('instance') ? owner.instance.get(name) : undefined;
    const atSubaccount = version === 'v1' || level?.endsWith('subaccount') ? owner.subaccount.get(name) : undefined;
    const found = atInstance ?? atSubaccount;
    if (found === undefined)
      return json(response, 404, { ErrorMessage: 'Configuration with the specified name was not found' });
    const wanted = [headers['x-fragment-name'] ?? []].flat().join(',').split(',').filter(Boolean);
    const fragments = wanted.map((one) => owner.fragments.get(one.split('@')[0] ?? ''));
    if (fragments.includes(undefined) && headers['x-fragment-optional'] !== 'true')
      return json(response, 404, { ErrorMessage: 'Fragment with the specified name was not found' });
    const properties: Flat = Object.assign(
      {},
      found,
      ...fragments,
      wanted.length ? { FragmentName: wanted.join() } : {},
    );
    const etag = createHash('sha256').update(JSON.stringify(properties)).digest('hex');
    if (headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    const skips = /(\$|%24)skipTokenRetrieval=true/.test(call.query);
    const wantsToken = !skips && tokenTypes.test(properties['Authentication'] ?? '');
    const token = wantsToken ? standIn.authToken(properties, call) : undefined;
    const certificates = ['KeyStoreLocation', 'tokenService.KeyStoreLocation', 'TrustStoreLocation']
      .map((key) => properties[key])
      .filter((one): one is string => one !== undefined && store.certificates.has(one))
      .map((one) => ({ Name: one, Content: store.certificates.get(one), Type: 'CERTIFICATE' }));
    json(
      response,
      200,
      {
        ...(version === 'v1' ? { owner: { SubaccountId: tenant, InstanceId: atInstance ? 'i-1' : null } } : {}),
        destinationConfiguration: properties,
        ...(token ? { authTokens: [token] } : {}),
        ...(certificates.length > 0 ? { certificates } : {}),
      },
      { etag },
    );
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((closed) => {
      server.closeAllConnections();
      server.close(() => closed());
    });
  atEnd(close);

  const authToken: StandIn['authToken'] = ({ Name = '' }, { tenant, headers }) => {
    const value = tokenFor(Name, tenant, [headers['x-user-token']].flat()[0]);
    return {
      type: 'Bearer',
      value,
      http_header: { key: 'Authorization', value: `Bearer ${value}` },
      expires_in: '3600',
    };
  };
  const standIn: StandIn = {
    origin,
    binding: {
      destination: [
        {
          name: 'dest',
          label: 'destination',
          tags: ['destination'],
          credentials: {
            clientid: client.id,
            clientsecret: client.secret,
            url: origin,
            uri: origin,
            uaadomain: 'localhost',
            identityzone: 'provider',
            tenantid: providerTenant,
          },
        },
      ],
    },
    of(tenant) {
      let found = tenants.get(tenant);
      if (found === undefined) {
        found = { subaccount: new Map(), instance: new Map(), fragments: new Map(), certificates: new Map() };
        tenants.set(tenant, found);
      }
      return found;
    },
    calls: [],
    tokenRequests: [],
    answer: undefined,
    answerToken: undefined,
    authToken,
    revoke: () => issued.clear(),
    close,
    reset() {
      standIn.calls.splice(0);
      standIn.tokenRequests.splice(0);
      Object.assign(standIn, { answer: undefined, answerToken: undefined, authToken });
    },
  };
  return standIn;
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
