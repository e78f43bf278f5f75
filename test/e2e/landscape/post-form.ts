/** Fields of a form; undefined ones are left out, so that a table row can take one away. */
export type Fields = Readonly<Record<string, string | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when the answer is JSON, empty otherwise. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Posts a form and reads the JSON that comes back. */
export async function postForm(
  url: string,
  fields: Fields,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const present = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return readAnswer(await fetch(url, { method: 'POST', headers, body: new URLSearchParams(present) }));
}

export async function readAnswer(response: Response): Promise<Answer> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const body = isJson ? ((await response.json()) as Record<string, unknown>) : {};
  if (!isJson) await response.arrayBuffer();
  return { status: response.status, headers: response.headers, body };
}

/** client_secret_basic with both parts form-encoded (RFC 6749 2.3.1). */
export function basic(id: string, secret: string): Record<string, string> {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return { authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}` };
}
