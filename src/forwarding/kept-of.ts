import type { ServerResponse } from 'node:http';

/** Values already in the answer that stay beside the upstream's: a list given to writeHead would replace them. */
export function keptOf(response: ServerResponse, name: string): string[] {
  const kept = response.getHeader(name);
  return kept === undefined ? nothing : [kept].flat().flatMap((value) => [name, String(value)]);
}

const nothing: string[] = [];
