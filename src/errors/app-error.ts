/** Every way a request can fail, in one closed list: callers branch on the code, never on a message. */
export type ErrorCode =
  | 'ERR_BAD_REQUEST'
  | 'ERR_LOGIN_REQUIRED'
  | 'ERR_LOGIN_FAILED'
  | 'ERR_FORBIDDEN'
  | 'ERR_CSRF'
  | 'ERR_NO_ROUTE'
  | 'ERR_NOT_FOUND'
  | 'ERR_METHOD_NOT_ALLOWED'
  | 'ERR_DESTINATION_NOT_FOUND'
  | 'ERR_DESTINATION_SERVICE'
  | 'ERR_CREDENTIAL'
  | 'ERR_TOKEN_SERVICE'
  | 'ERR_UPSTREAM_UNREACHABLE'
  | 'ERR_UPSTREAM_TIMEOUT'
  | 'ERR_UPSTREAM_BUSY'
  | 'ERR_UPSTREAM_PAUSED'
  | 'ERR_SESSION_STORE'
  | 'ERR_CONFIGURATION'
  | 'ERR_INTERNAL';

export interface AppErrorOptions {
  readonly code: ErrorCode;
  /** HTTP status to answer with. */
  readonly status: number;
  /** What went wrong, in words the caller may read: never a token, secret, assertion or cookie. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Further members for the problem document (RFC 9457 3.2), e.g. the decoded error of a token service. */
  readonly members?: Readonly<Record<string, string | number | readonly string[]>>;
  /** Headers the answer needs besides the usual ones, e.g. `allow` of a 405. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log only. */
  readonly cause?: unknown;
}

/**
 * The one error base. Whatever is thrown while a request is served is either this or a defect,
 * and a defect is answered as a bare 500 with a request id.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly members: Readonly<Record<string, string | number | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: AppErrorOptions) {
    super(options.detail ?? options.code, { cause: options.cause });
    this.name = 'AppError';
    this.code = options.code;
    this.status = options.status;
    this.detail = options.detail;
    this.hint = options.hint;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }

  /** The same error with further members for its problem document. */
  with(members: AppErrorOptions['members']): AppError {
    const { code, status, detail, hint, headers, cause } = this;
    return new AppError({
      code,
      status,
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      members: { ...this.members, ...members },
      headers,
      cause,
    });
  }
}
