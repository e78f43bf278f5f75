/** One metric, as scraped. */
export interface MetricRow {
  readonly type: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of our own; docs/observability.md shows this table. Labels take values of the configuration, or of a closed list. */
export const metricTable = {
  portunus_requests_total: {
    type: 'counter',
    help: 'Requests answered, by route or own door, method and class of status.',
    labels: ['route', 'method', 'status'],
  },
  portunus_request_duration_seconds: {
    type: 'histogram',
    help: 'From the arrival of a request to the end of its answer; of a WebSocket, to the end of its tunnel.',
    labels: ['route'],
  },
  portunus_requests_in_flight: {
    type: 'gauge',
    help: 'Requests that are being answered, tunnels included.',
    labels: [],
  },
  portunus_session_load_duration_seconds: {
    type: 'histogram',
    help: 'Finding the session of a cookie.',
    labels: ['outcome'],
  },
  portunus_credentials_total: {
    type: 'counter',
    help: 'Credentials obtained: hit (kept token), miss (asked for, or waited for another request that asked), shown (no token).',
    labels: ['destination', 'cache'],
  },
  portunus_token_request_duration_seconds: {
    type: 'histogram',
    help: 'Requests to token services, by destination, grant and outcome.',
    labels: ['destination', 'grant', 'outcome'],
  },
  portunus_provider_request_duration_seconds: {
    type: 'histogram',
    help: "Requests to identity providers for users' own tokens: login or renewal.",
    labels: ['provider', 'purpose', 'outcome'],
  },
  portunus_backend_duration_seconds: {
    type: 'histogram',
    help: "Calls of backends, to the head of their answer, by class of status or 'failed'.",
    labels: ['destination', 'status'],
  },
  portunus_csrf_tokens_total: {
    type: 'counter',
    help: "Backends' CSRF tokens got for requests: at-hand, fetched, none (the backend gave none), failed.",
    labels: ['destination', 'outcome'],
  },
  portunus_backend_connections: {
    type: 'gauge',
    help: 'Connections to backends: connected, and of those idle.',
    labels: ['origin', 'state'],
  },
  portunus_backend_queued_requests: {
    type: 'gauge',
    help: 'Requests that wait for a connection to a backend.',
    labels: ['origin'],
  },
  portunus_destination_paused: {
    type: 'gauge',
    help: '1 for each destination that could not be reached several times in a row and is given a pause.',
    labels: ['destination'],
  },
  portunus_sessions: {
    type: 'gauge',
    help: 'Sessions in memory, with and without a login; none where they are in Redis.',
    labels: [],
  },
  portunus_tokens_kept: { type: 'gauge', help: 'Credentials in the token cache.', labels: [] },
  portunus_live_sessions: {
    type: 'gauge',
    help: 'Sessions with which WebSockets or event streams are open.',
    labels: [],
  },
  portunus_certificate_expiry_days: {
    type: 'gauge',
    help: 'Days until a certificate of ours ends; negative when it has.',
    labels: ['owner', 'subject'],
  },
  portunus_logins_total: { type: 'counter', help: 'Logins, ok or failed.', labels: ['provider', 'outcome'] },
  portunus_logouts_total: {
    type: 'counter',
    help: 'Sessions ended by the user, by the provider, or by expiry (in memory only).',
    labels: ['by'],
  },
  portunus_renewals_total: {
    type: 'counter',
    help: "Renewals of users' tokens, ok or failed.",
    labels: ['provider', 'outcome'],
  },
  portunus_refusals_total: {
    type: 'counter',
    help: 'Requests refused: scope, csrf, login, caller-token, policy.',
    labels: ['reason'],
  },
  portunus_reloads_total: {
    type: 'counter',
    help: 'Changed configurations, taken over or refused.',
    labels: ['outcome'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof metricTable;
