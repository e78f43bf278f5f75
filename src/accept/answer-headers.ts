import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

export interface AnswerHeaderSettings {
  readonly sendXFrameOptions: boolean;
  /** Origins that may frame us (PORTUNUS_EMBEDDED_IN); none: X-Frame-Options says so. */
  readonly frameAncestors?: readonly string[];
  /** Variable `httpHeaders`. */
  readonly httpHeaders: readonly Readonly<Record<string, string>>[];
  /** An upstream's Content-Security-Policy stands beside ours instead of replacing it (MERGE_CSP_HEADERS). */
  readonly mergeCspHeaders: boolean;
}

/** Headers that every answer has, whoever made it, unless it says something else under the same name. */
export interface AnswerHeaders {
  readonly fixed: readonly { readonly name: string; readonly lower: string; readonly value: string }[];
  /** Lower-case name of the one header that stands beside the upstream's. */
  readonly merged: string | undefined;
}

/** Order, later wins: X-Frame-Options, `httpHeaders`, `responseHeaders` (xs-app.md 8.2); all settled at start. */
export function answerHeaders(
  settings: AnswerHeaderSettings,
  responseHeaders: readonly { readonly name: string; readonly value: string }[],
): AnswerHeaders {
  const headers = new Map<string, { name: string; lower: string; value: string }>();
  const set = (name: string, value: string) => {
    const lower = name.toLowerCase();
    headers.set(lower, { name, lower, value });
  };
  const { frameAncestors = [] } = settings;
  if (settings.sendXFrameOptions && frameAncestors.length === 0) set('X-Frame-Options', 'SAMEORIGIN');
  for (const entry of settings.httpHeaders) for (const [name, value] of Object.entries(entry)) set(name, value);
  for (const { name, value } of responseHeaders) set(name, value);
  if (frameAncestors.length > 0) {
    const configured = headers.get('content-security-policy')?.value;
    // Policies in a list hold all at once (CSP 3, 8.1): the configured one loses nothing.
    const framing = `frame-ancestors 'self' ${frameAncestors.join(' ')}`;
    set('Content-Security-Policy', configured === undefined ? framing : `${configured}, ${framing}`);
    headers.delete('x-frame-options');
  }
  return { fixed: [...headers.values()], merged: settings.mergeCspHeaders ? 'content-security-policy' : undefined };
}

type Given = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/**
 * Has all answers made from a prototype carry the headers, and `x-request-id`, from the moment their head is written:
 * doors, errors and extensions cannot forget them. Until then nothing is set: node writes a flat list of headers far
 * faster on an answer that has none yet, and that is what forwarding gives it.
 * @param idOf what `x-request-id` says
 */
export function giveHeaders(
  prototype: ServerResponse,
  { fixed, merged }: AnswerHeaders,
  idOf: (request: IncomingMessage) => string,
): void {
  const varies = fixed.find(({ lower }) => lower === 'vary')?.value;
  const plain = prototype.writeHead as (this: ServerResponse, status: number, ...rest: unknown[]) => ServerResponse;
  /** Name, value, name, value… of what is neither given nor set. */
  const missingIn = (response: ServerResponse, given: Given): string[] => {
    const missing: string[] = [];
    if (!isGiven(given, 'x-request-id') && !response.hasHeader('x-request-id'))
      missing.push('x-request-id', idOf(response.req));
    for (const { lower, name, value } of fixed)
      if ((lower === merged || !isGiven(given, lower)) && !response.hasHeader(lower)) missing.push(name, value);
    return missing;
  };
  function writeHead(this: ServerResponse, status: number, reason?: string | Given, headers?: Given): ServerResponse {
    const given = typeof reason === 'string' ? headers : (reason ?? headers);
    let told = given;
    if (this.headersSent) return plain.call(this, status, reason, headers); // node says what is wrong with that
    const missing = missingIn(this, given);
    if (varies !== undefined && (isGiven(given, 'vary') || this.hasHeader('vary')))
      told = besideVary(this, given, varies);
    if (Array.isArray(told)) told = missing.concat(told as string[]);
    else for (let i = 0; i < missing.length; i += 2) this.setHeader(missing[i] as string, missing[i + 1] as string);
    return typeof reason === 'string' ? plain.call(this, status, reason, told) : plain.call(this, status, told);
  }
  prototype.writeHead = writeHead as ServerResponse['writeHead'];
}

/** `Vary` is a list to which everybody who chooses adds (RFC 9110 12.5.5): what is configured stands beside what the answer says. */
function besideVary(response: ServerResponse, given: Given, configured: string): Given {
  const said = Array.isArray(given)
    ? given.filter((_, i) => i % 2 === 1 && String(given[i - 1]).toLowerCase() === 'vary')
    : Object.entries(given ?? {}).flatMap(([name, value]) => (name.toLowerCase() === 'vary' ? [value] : []));
  const all = [...(said.length > 0 ? said : [response.getHeader('vary')]), configured].flat().join(', ');
  response.setHeader('Vary', all);
  if (given === undefined || said.length === 0) return given;
  if (Array.isArray(given)) return given.filter((_, i) => String(given[i - (i % 2)]).toLowerCase() !== 'vary');
  return Object.fromEntries(Object.entries(given).filter(([name]) => name.toLowerCase() !== 'vary'));
}

function isGiven(given: Given, lower: string): boolean {
  if (given === undefined) return false;
  if (!Array.isArray(given)) return Object.keys(given).some((name) => name.toLowerCase() === lower);
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i] as string;
    if (name.length === lower.length && name.toLowerCase() === lower) return true;
  }
  return false;
}
