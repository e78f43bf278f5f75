import { readFileSync } from 'node:fs';
import path from 'node:path';
import { serveDestinations } from '../../../src/commands/destinations-serve.ts';
import { readServiceConfig } from '../../../src/commands/read-service-config.ts';
import { openIdentity } from '../../../src/destination-service/identity.ts';
import { serviceKey, vcapServices } from '../../../src/destination-service/service-key.ts';
import { atEnd } from '../../support/at-end.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';

/** An embedded Destination service, and a client that has a token for it. */
export interface DestinationService {
  readonly origin: string;
  readonly directory: string;
  readonly key: Readonly<Record<string, string>>;
  /** Value of VCAP_SERVICES that binds to it. */
  readonly vcap: object;
  /** What was told beside the answers. */
  readonly told: () => string;
  /** A token of the service for the client. */
  token(): Promise<string>;
  /** Calls the API; `path` begins behind `/destination-configuration`. */
  call(path: string, options?: CallOptions): Promise<Called>;
  /** A file of the working directory as it is now. */
  file(name: string): string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text as it is. */
  readonly body?: unknown;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed, or undefined when the body is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: what came is judged by the tests
  readonly body: any;
}

export interface ServiceSetup {
  readonly files?: Files;
  readonly env?: Readonly<Record<string, string>>;
  /** An existing working directory. */
  readonly directory?: string;
}

export async function openDestinationService(setup: ServiceSetup = {}): Promise<DestinationService> {
  const directory = setup.directory ?? workingDirectory(setup.files);
  const variables = setup.env ?? {};
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const { port, stop } = await serveDestinations({ workingDirectory: directory, variables, port: 0, tell });
  atEnd(stop);
  const origin = `http://localhost:${port}`;
  const { environment } = await readServiceConfig(directory, variables, tell);
  const identity = await openIdentity(directory, environment);
  const key = serviceKey(identity, origin);
  const token = async () => {
    const answer = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: identity.clientId,
        client_secret: identity.clientSecret,
      }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  let kept: Promise<string> | undefined;
  return {
    origin,
    directory,
    key,
    vcap: vcapServices(identity, origin),
    told: () => told.join(''),
    token,
    async call(where, { method = 'GET', headers = {}, body } = {}) {
      kept ??= token();
      const answer = await fetch(`${origin}/destination-configuration${where}`, {
        method,
        headers: {
          authorization: `Bearer ${await kept}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    file: (name) => readFileSync(path.join(directory, name), 'utf8'),
  };
}
