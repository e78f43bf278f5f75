/** A refusal of the token service. Live bodies are not documented: these are the defaults of token-flows.md C7. */
const statuses = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  invalid_target: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
} as const;

export type IasErrorCode = keyof typeof statuses;

export class IasError extends Error {
  readonly code: IasErrorCode;
  readonly status: number;

  constructor(code: IasErrorCode, description: string) {
    super(description);
    this.name = 'IasError';
    this.code = code;
    this.status = statuses[code];
  }
}
