/** Values of one label at most: a scrape stays readable whatever the configuration or a caller makes of names. */
const most = 200;

/** Standard methods (RFC 9110 9, RFC 5789); a caller may invent others. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);

/** The method as a label. */
export function methodLabel(method: string): string {
  return methods.has(method) ? method : 'other';
}

/** `2xx`; 499 is one of `4xx`. */
export function statusLabel(status: number): string {
  return `${Math.trunc(status / 100)}xx`;
}

/** A label that takes the first 200 values it is given; further ones are `other`. */
export function boundedLabel(): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= most) return 'other';
    seen.add(value);
    return value;
  };
}
