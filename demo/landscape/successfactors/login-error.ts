/** The refusals of the API to a caller it does not accept (token-flows.md E5). */
const catalogue = {
  LGN0001: { status: 404, text: 'The endpoint is not valid.' },
  LGN0003: { status: 403, text: 'Authentication credentials are required.' },
  LGN0005: { status: 403, text: 'The format of the OAuth token is wrong.' },
  LGN0007: { status: 403, text: 'The OAuth token is not valid.' },
  LGN0010: { status: 403, text: 'Basic authentication is disabled.' },
  LGN0022: { status: 403, text: 'The OAuth token has been rejected or has expired. Please get a new one.' },
} as const;

export type LoginCode = keyof typeof catalogue;

export class LoginError extends Error {
  readonly code: LoginCode;
  readonly status: number;

  constructor(code: LoginCode, text: string = catalogue[code].text) {
    super(`[${code}]${text}`);
    this.name = 'LoginError';
    this.code = code;
    this.status = catalogue[code].status;
  }
}
