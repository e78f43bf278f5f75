/** A request to Graph without its transport, so that $batch can make one as well as HTTP can. */
export interface GraphRequest {
  readonly method: string;
  /** Below the version: `/me`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

export interface GraphResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
}
