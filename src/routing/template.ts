import { countGroups } from './count-groups.ts';

/** A target, taken apart at start: texts, and numbers of groups. */
export type Template = readonly (string | number)[];

/**
 * Takes a target apart as `String.replace` would on each request (ECMA-262 22.1.3.19.1 GetSubstitution), which costs a
 * request more than finding its route.
 * @returns undefined for what only `String.replace` understands: `$&` and its kind
 */
export function compileTemplate(target: string, source: RegExp): Template | undefined {
  if (/\$[&`'<]/.test(target)) return undefined;
  const groups = countGroups(source);
  const isGroup = (number: number) => number >= 1 && number <= groups;
  const parts: (string | number)[] = [];
  let from = 0;
  for (const { 0: found, 1: what = '', index } of target.matchAll(/\$(\$|\d{1,2})/g)) {
    const [number, first] = [Number(what), Number(what[0])];
    parts.push(target.slice(from, index));
    from = index + found.length;
    if (what === '$') parts.push('$');
    else if (isGroup(number)) parts.push(number);
    else if (isGroup(first)) parts.push(first, what.slice(1));
    else parts.push(found);
  }
  parts.push(target.slice(from));
  return Object.freeze(parts.filter((part) => part !== ''));
}

/** Puts the groups of a match in place of their numbers; a group that took no part is empty. */
export function fillTemplate(template: Template, groups: RegExpExecArray): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : (groups[part] ?? '');
  return text;
}
