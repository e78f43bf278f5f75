import type { Target } from '../../src/destinations/read-target.ts';

/** A destination's target at https://hm.example/api, unless told otherwise. */
export function targetOf(told: Partial<Target> = {}): Target {
  return {
    name: 'harbourmaster',
    jar: 'harbourmaster',
    url: new URL('https://hm.example/api'),
    fingerprint: 'f',
    timeout: 1_000,
    connectTimeout: 10_000,
    idleTimeout: 300_000,
    setXForwardedHeaders: true,
    preserveHostHeader: false,
    dynamic: true,
    headers: {},
    queries: {},
    tls: { verify: true, trust: [], clientCertificate: undefined, hostNames: 'strict' },
    proxy: undefined,
    csrf: undefined,
    ...told,
  };
}
