import { indentXml } from '../inspector/indent-xml.ts';
import { shownValue } from '../inspector/shown-value.ts';
import type { Decoded, SentField } from '../observe/event.ts';
import type { Explanation, ShownFlow, ShownHeader, UpstreamRequest } from './explanation.ts';

/** An explanation for people: a paragraph a step. */
export function tellExplanation(explanation: Explanation): string {
  const { request, outcome, routes, caller, path, destination, flow, upstream, answerHeaders } = explanation;
  const paragraphs = [
    [`${request.method} ${request.url} on ${request.host}`, `→ ${outcome}`],
    section(
      'Routes',
      routes.map(({ name, source, outcome: end, why }) => `${end.padEnd(11)}  ${name}  ${source}\n      ${why}`),
    ),
    caller &&
      section('Caller', [
        `as ${caller.as}: ${caller.verdict}`,
        ...(caller.needsCsrfToken ? ['needs the header x-csrf-token with the token of the session'] : []),
      ]),
    path &&
      section('Path', [
        path.to === path.from ? `${path.to} (nothing is rewritten)` : `${path.from} → ${path.to}`,
        ...(path.target === undefined ? [] : [`target "${path.target}", groups ${JSON.stringify(path.groups)}`]),
      ]),
    destination &&
      section('Destination', [
        `${destination.name}: ${destination.authentication}, ${destination.url}`,
        `must begin its answer within ${destination.timeout.milliseconds} ms ("timeout" of the ${destination.timeout.setBy})`,
      ]),
    flow && section('Credential', flowLines(flow)),
    upstream?.csrfToken && section('CSRF token of the backend', [csrfLine(upstream.csrfToken)]),
    upstream &&
      section('Request to the backend', [
        `${upstream.method} ${upstream.url}`,
        ...upstream.headers.map(headerLine),
        ...(upstream.dropped.length === 0 ? [] : [`not passed on as it came: ${upstream.dropped.join(', ')}`]),
      ]),
    answerHeaders.length > 0 && section('Added to the answer', answerHeaders.map(headerLine)),
  ];
  return `${paragraphs.flatMap((lines) => (lines ? [lines.join('\n')] : [])).join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] | undefined {
  return lines.length === 0 ? undefined : [title, ...lines.map((line) => indent(line, 2))];
}

function flowLines({ actsFor, requests, credential, failure }: ShownFlow): string[] {
  const asked = requests.flatMap(({ destination, url, clientProof, headers, form }, index) => [
    `${index + 1}. POST ${url}  (destination ${destination}, client proof: ${clientProof})`,
    ...headers.map((header) => indent(headerLine(header), 3)),
    ...form.map((field) => indent(fieldLine(field), 3)),
  ]);
  const whose = {
    user: 'of the user',
    client: 'of the client, the same for everybody',
    nobody: 'nothing is asked for',
  };
  const end = failure
    ? [`fails: ${failure.detail}`, ...(failure.hint ? [failure.hint] : [])]
    : credential?.kind === 'header' && requests.length > 0 && credential.value.kind !== 'saml'
      ? [`header ${credential.name}: ${credential.scheme} […], the token that the last request gets`]
      : credential?.kind === 'header'
        ? [`header ${credential.name}: ${credential.scheme} ${decoded(credential.value)}`]
        : ['no header: the backend is shown no credential, or the certificate of the connection'];
  return [whose[actsFor], ...asked, ...end];
}

function fieldLine(field: SentField): string {
  return `${field.name} = ${field.kind === 'plain' ? field.value : decoded(field.value)}`;
}

function decoded(value: Decoded): string {
  switch (value.kind) {
    case 'opaque':
      return '[…]';
    case 'saml':
      return `SAML assertion\n${indent(indentXml(value.xml), 3)}`;
    case 'jwt': {
      // Ours stands for one that is not there; what is signed here has an algorithm.
      const standsIn = value.header['alg'] === 'none';
      const lines = Object.entries(standsIn ? value.claims : { ...value.header, ...value.claims });
      return `${standsIn ? "the user's token" : 'JWT'}\n${lines.map(([name, one]) => `   ${name}: ${shownValue(name, one)}`).join('\n')}`;
    }
  }
}

function csrfLine({ verdict, url }: NonNullable<UpstreamRequest['csrfToken']>): string {
  switch (verdict) {
    case 'brokered':
      return `HEAD ${url} with x-csrf-token: Fetch, GET where that brings none; kept for ten minutes`;
    case 'reads only':
      return 'not fetched: the method changes nothing';
    case 'token of the client':
      return 'not fetched: the x-csrf-token of the request passes';
    case 'origin not proved':
      return "not fetched: the route does not ask for the router's token, and nothing says that no other site sent the request";
  }
}

function headerLine({ name, value }: ShownHeader): string {
  return `${name}: ${value}`;
}

function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}
