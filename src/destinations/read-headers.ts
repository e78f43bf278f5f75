import { headerFault } from './header-field.ts';
import type { Properties } from './properties.ts';

/** Reads the properties `<prefix><header>` as headers, by lower-case name. */
export function readHeaders(p: Properties, prefix: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(p.family(prefix))) {
    const fault = headerFault(name, value);
    const lower = name.toLowerCase();
    if (fault) p.problem(prefix + name, fault);
    else if (lower in headers) p.problem(prefix + name, 'is given twice, in different letter case');
    else headers[lower] = value;
  }
  return headers;
}
