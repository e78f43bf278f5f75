/** A distinguished name, in the order it is written. */
export type SubjectName = readonly SubjectPart[];

export interface SubjectPart {
  readonly type: SubjectType;
  readonly value: string;
}

/** RFC 4514 3, with E for an e-mail address; longest value each (RFC 5280 appendix A). */
const longest = { CN: 64, O: 64, OU: 64, L: 128, ST: 128, C: 2, E: 255 } as const;

export type SubjectType = keyof typeof longest;

/** The name that certificates made without being asked have. */
export function houseName(commonName: string): SubjectName {
  return [
    { type: 'CN', value: commonName },
    { type: 'O', value: 'Portunus' },
  ];
}

/**
 * Reads a name as people write it: `CN=portunus, O=Acme, C=DE` (RFC 4514, a character taken literally after `\`), as
 * OpenSSL wants it: `/CN=portunus/O=Acme`, or a common name alone.
 * @returns in words what is wrong, when it is no name with one CN
 */
export function parseSubject(text: string): SubjectName | string {
  const slashed = text.trim().startsWith('/');
  const written = slashed ? text.trim().slice(1) : text;
  if (!/(?<!\\)=/.test(written)) return check([{ type: 'CN', value: literal(written) }]);
  const parts: SubjectPart[] = [];
  for (const part of written.split(slashed ? /(?<!\\)\//u : /(?<!\\)[,+]/u)) {
    const [, name = '', value = ''] = /^\s*(\w+)\s*=(.*)$/su.exec(part) ?? [];
    const type = name.toUpperCase() === 'EMAILADDRESS' ? 'E' : name.toUpperCase();
    if (!isType(type)) return `"${part.trim()}" is none of ${Object.keys(longest).join('=, ')}=`;
    parts.push({ type, value: literal(value) });
  }
  return check(parts);
}

function isType(name: string): name is SubjectType {
  return Object.hasOwn(longest, name);
}

function literal(text: string): string {
  return text.trim().replace(/\\(.)/gsu, '$1');
}

function check(parts: SubjectName): SubjectName | string {
  for (const { type, value } of parts) {
    if (value === '' || [...value].length > longest[type]) return `${type} must have 1 to ${longest[type]} characters`;
    if (/\p{Cc}/u.test(value)) return `${type} must have no control characters`;
    if (type === 'C' && !/^[A-Z]{2}$/.test(value)) return 'C must be two capital letters, such as DE';
    if (type === 'E' && !/^[\x21-\x7e]+$/.test(value)) return 'E must be an e-mail address';
  }
  // Targets take the issuer of assertions from it (destination-service.md 3.1).
  return parts.filter(({ type }) => type === 'CN').length === 1 ? parts : 'exactly one CN is needed';
}
