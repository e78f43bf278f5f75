import { headerIn } from './header-in.ts';

/** Names one more header that decides about the answer, in one line with those the upstream names (RFC 9110 12.5.5). */
export function withVary(headers: readonly string[], field: string): string[] {
  if (headerIn(headers, 'vary') === undefined) return [...headers, 'vary', field];
  const named: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string];
    if (name.length === 4 && name.toLowerCase() === 'vary') named.push(value);
    else rest.push(name, value);
  }
  const fields = named.join(', ');
  const has = fields.split(',').some((one) => one.trim() === '*' || one.trim().toLowerCase() === field.toLowerCase());
  rest.push('vary', has ? fields : [...named, field].join(', '));
  return rest;
}
