import { parseArgs } from 'node:util';
import type { Claims } from '../authorization/principal.ts';
import type { Asked } from '../explain/asked.ts';
import { explainRequest } from '../explain/explain-request.ts';
import { tellExplanation } from '../explain/tell-explanation.ts';
import { claimsOf } from './claims-of.ts';
import { type Run, UsageError } from './command.ts';
import { readToExplain } from './read-to-explain.ts';

/**
 * `portunus explain METHOD URL`: what would become of a request, without sending any: route, path, destination, token
 * requests, headers. Exit 0 when it was explained, 1 when the router would not start with this configuration.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: {
      as: { type: 'string' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      format: { type: 'string', default: 'text' },
    },
    allowPositionals: true,
  });
  const { format } = values;
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is one of text, json, not "${format}"`);
  const asked = askedOf(positionals, values.header, claimsOf(values.as, call));
  const { config, compiled, status } = await readToExplain(call);
  const explanation = await explainRequest(config, compiled, asked);
  call.write(format === 'json' ? `${JSON.stringify(explanation, null, 2)}\n` : tellExplanation(explanation));
  return status;
};

/** @throws UsageError */
function askedOf(words: readonly string[], headers: readonly string[], claims: Claims | undefined): Asked {
  const [method, url, ...rest] = words;
  if (method === undefined || url === undefined || rest.length > 0)
    throw new UsageError('name a method and a URL, e.g. GET /orders/7');
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method)) throw new UsageError(`"${method}" is no method`);
  const absolute = /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url) : undefined;
  if (absolute === undefined && !url.startsWith('/'))
    throw new UsageError(`"${url}" is no URL; write a path that begins with /, or https://host/path`);
  // As it was typed: a URL object would resolve dot segments, which the router refuses.
  const target = absolute === undefined ? url : url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/');
  return {
    method: method.toUpperCase(),
    url: target,
    host: absolute?.host ?? 'localhost',
    scheme: absolute?.protocol === 'https:' ? 'https' : 'http',
    headers: Object.fromEntries(headers.map(headerOf)),
    claims,
  };
}

function headerOf(text: string): [string, string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`--header needs "name: value", not "${text}"`);
  return [name.toLowerCase(), value];
}
