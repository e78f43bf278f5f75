import { Agent, fetch as undiciFetch } from 'undici';
import type { Answer, Fields } from './post-form.ts';

export interface ClientIdentity {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** A client of the TLS hosts: trusts `authority` only, and shows a certificate if it has one. */
export interface TlsClient {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(url: string, fields: Fields, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export function makeTlsClient(authority: string, identity?: ClientIdentity): TlsClient {
  const own = identity ? { cert: identity.certificate, key: identity.privateKey } : {};
  const dispatcher = new Agent({ connect: { ca: authority, ...own } });
  const send = async (
    url: string,
    init: { method?: string; headers: Readonly<Record<string, string>>; body?: URLSearchParams },
  ) => {
    const response = await undiciFetch(url, { ...init, dispatcher });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    const headers = new Headers([...response.headers]);
    return { status: response.status, headers, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };
  return {
    get: (url, headers = {}) => send(url, { headers }),
    post: (url, fields, headers = {}) => {
      const present = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return send(url, { method: 'POST', headers, body: new URLSearchParams(present) });
    },
    close: () => dispatcher.close(),
  };
}
