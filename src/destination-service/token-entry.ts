import { AppError } from '../errors/app-error.ts';
import type { Issued } from '../tokens/credential.ts';

/** An element of `authTokens` (destination-service.md 4.3). */
export interface TokenEntry {
  readonly type: string;
  readonly value: string;
  readonly http_header?: { readonly key: string; readonly value: string };
  readonly expires_in?: string;
  readonly scope?: string;
  readonly refresh_token?: string;
  readonly issued_token_type?: string;
  /** Only on failure: clients look whether it is there. */
  readonly error?: string;
}

/** What a flow brought, as the API answers it. Undefined where there is nothing to show. */
export function tokenEntry({ credential, answer }: Issued, headerName: string, now: number): TokenEntry | undefined {
  if (credential.kind === 'none') return undefined;
  const [, type = '', value = ''] = /^(\S+) (.*)$/s.exec(credential.value) ?? [];
  return {
    type,
    value,
    http_header: { key: headerName, value: credential.value },
    ...(answer === undefined
      ? {}
      : {
          expires_in: String(Math.max(0, Math.floor((answer.expiresAt - now) / 1000))),
          ...optional('scope', answer.scope),
          ...optional('refresh_token', answer.refreshToken),
          ...optional('issued_token_type', answer.issuedTokenType),
        }),
  };
}

/** A failed flow is an answer, too: status 200, and the reason where the token would be (4.3). */
export function failedEntry(reason: string): TokenEntry {
  return { type: '', value: '', error: `Retrieval of OAuthToken failed due to: ${reason}`, expires_in: '0' };
}

/** What an error says to a client: never more than an AppError may say. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof AppError)) return 'unexpected error';
  const { detail, members, hint } = cause;
  const said = members['description'];
  return [detail ?? cause.code, said === undefined ? '' : `Response was: ${said}`, hint ?? '']
    .filter(Boolean)
    .join(' ');
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [_ in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [_ in K]?: string };
}
