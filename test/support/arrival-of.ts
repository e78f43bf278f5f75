import type { Arrival } from '../../src/accept/arrival.ts';

/** A request that arrived at https://harbour.example from an untrusted peer, unless told otherwise. */
export function arrivalOf(told: Partial<Arrival> = {}): Arrival {
  const url = told.url ?? '/quay/7?full=1';
  return {
    id: 'request-0001',
    startedAt: 0,
    method: 'GET',
    url,
    path: url.split('?', 1)[0] ?? '',
    host: 'harbour.example',
    scheme: 'https',
    peer: '203.0.113.9',
    trusted: false,
    ...told,
  };
}
