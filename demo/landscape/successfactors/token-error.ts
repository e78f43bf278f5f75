/** A refusal of the token endpoint: the envelope of token-flows.md E4. */
export class TokenError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'TokenError';
    this.status = status;
  }
}

export const signatureNotVerified = () =>
  new TokenError(
    401,
    'Unable to verify the signature of the SAML assertion. Make sure that the assertion is signed and that the key pairs match the client ID.',
  );

export const invalidUser = () => new TokenError(401, 'Unable to authenticate the client (Login failed - invalid user)');

export const companyNotFound = (id: string) => new TokenError(401, `Company ${id} not found`);

export const invalidUserUuid = () => new TokenError(401, 'Invalid useruuid');

/** Texts of the live service for these are not known; the envelope and status are (token-flows.md E4, last row). */
export const unauthenticated = (reason: string) => new TokenError(401, `Unable to authenticate the client (${reason})`);
