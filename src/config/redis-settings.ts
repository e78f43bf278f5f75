import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import { type Binding, placeOf } from './binding.ts';
import type { Environment } from './environment.ts';
import { checkShape, parseJson } from './parse-json.ts';

/** How Redis is reached. */
export interface RedisSettings {
  readonly kind: 'single' | 'cluster' | 'sentinel';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Name of the master that sentinels watch. */
  readonly sentinelName: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Options of TLS connections; empty: plain TCP. */
  readonly tls: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds. */
  readonly commandTimeout: number;
  /** Milliseconds, or false. */
  readonly keepAlive: number | false;
}

/** xs-app.md 6.6. */
const externalSessions = z.looseObject({
  instanceName: z.string().min(1),
  storageType: z.literal('redis', { error: 'must be "redis"; own drivers are not supported' }),
  sessionSecret: z.string().min(64, 'must have 64 characters or more'),
  connectTimeout: z.number().positive().optional(),
  commandTimeout: z.number().positive().optional(),
  keepAlive: z.union([z.number().nonnegative(), z.literal(false)]).optional(),
  skipCertHostnameValidation: z.boolean().optional(),
  rejectUnauthorized: z.boolean().optional(),
});

const credentials = z.looseObject({
  uri: z.string().optional(),
  hostname: z.string().optional(),
  port: z.coerce.number().int().positive().optional(),
  password: z.string().optional(),
  username: z.string().optional(),
  tls: z.boolean().optional(),
  cluster_mode: z.boolean().optional(),
  ca_base64: z.string().optional(),
  sentinel_nodes: z.array(z.looseObject({ hostname: z.string(), port: z.coerce.number() })).optional(),
});
type Credentials = z.infer<typeof credentials>;

/** Where sessions of several instances are kept, and the secret that EXT_SESSION_MGT brings along. */
export interface ExternalSessions {
  readonly redis: RedisSettings;
  readonly secret: string | undefined;
}

/** EXT_SESSION_MGT with its binding, else a redis binding, else REDIS_URL; undefined: sessions stay in memory. */
export function readExternalSessions(
  environment: Environment,
  bindings: readonly Binding[],
  problems: Problems,
): ExternalSessions | undefined {
  const text = environment.get('EXT_SESSION_MGT');
  const options = text === undefined ? undefined : parseJson('EXT_SESSION_MGT', text, externalSessions, problems);
  if (text !== undefined && options === undefined) return undefined;
  const binding = bindings.find(({ name, label, tags }) =>
    options ? name === options.instanceName : label.includes('redis') || tags.includes('redis'),
  );
  const url = environment.get('REDIS_URL');
  if (options && binding === undefined) {
    problems.add('EXT_SESSION_MGT', 'instanceName', `no service "${options.instanceName}" is bound`);
    return undefined;
  }
  if (binding === undefined && url === undefined) return undefined;
  const at = binding ? placeOf(binding) : 'REDIS_URL';
  const found = checkShape(at, binding?.credentials ?? { uri: url }, credentials, problems);
  const redis = found && settingsOf(at, found, options ?? {}, problems);
  return redis && { redis, secret: options?.sessionSecret };
}

function settingsOf(
  at: string,
  found: Credentials,
  options: Partial<z.infer<typeof externalSessions>>,
  problems: Problems,
): RedisSettings | undefined {
  const uri = found.uri === undefined ? undefined : URL.parse(found.uri);
  const host = found.hostname ?? uri?.hostname;
  if (!host || uri === null || (uri && !/^rediss?:$/.test(uri.protocol))) {
    problems.add(at, '', 'must name a host, or hold a URI such as rediss://:password@host:6379');
    return undefined;
  }
  const encrypted = found.tls ?? uri?.protocol === 'rediss:';
  const ca = found.ca_base64 === undefined ? {} : { ca: Buffer.from(found.ca_base64, 'base64').toString('utf8') };
  const hostCheck = options.skipCertHostnameValidation === true ? { checkServerIdentity: () => undefined } : {};
  const sentinels = found.sentinel_nodes?.map(({ hostname, port }) => ({ host: hostname, port }));
  return Object.freeze({
    kind: sentinels ? 'sentinel' : found.cluster_mode ? 'cluster' : 'single',
    nodes: sentinels ?? [{ host, port: found.port ?? (Number(uri?.port) || 6379) }],
    sentinelName: decodeURIComponent(uri?.hash.slice(1) ?? '') || 'mymaster',
    username: found.username ?? (decodeURIComponent(uri?.username ?? '') || undefined),
    password: found.password ?? (decodeURIComponent(uri?.password ?? '') || undefined),
    tls: encrypted
      ? { tls: true, rejectUnauthorized: options.rejectUnauthorized ?? true, servername: host, ...ca, ...hostCheck }
      : {},
    connectTimeout: options.connectTimeout ?? 10_000,
    commandTimeout: options.commandTimeout ?? 5_000,
    keepAlive: options.keepAlive ?? 30_000,
  });
}
