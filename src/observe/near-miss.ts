/** A route that was passed over, and why. */
export interface NearMiss {
  readonly name: string;
  readonly source: string;
  readonly why: string;
  /** `close`: but for method, case, query or slashes; `alike`: another beginning, which may well be meant so. */
  readonly nearness: 'close' | 'alike';
}
