import type { ValueNode } from '@humanwhocodes/momoa';
import type { Finding } from './finding.ts';
import { type Documents, nameOf } from './read-documents.ts';

/** Properties that stand twice in one object: all but the last are lost without a word (RFC 8259 section 4). */
export function findDuplicates(documents: Documents): readonly Finding[] {
  return [...documents].flatMap(([file, document]) =>
    document !== undefined && 'body' in document ? inside(document.body, file) : [],
  );
}

function inside(value: ValueNode, at: string): Finding[] {
  if (value.type === 'Array')
    return value.elements.flatMap((element, index) => inside(element.value, `${at}/${index}`));
  if (value.type !== 'Object') return [];
  const names = value.members.map(nameOf);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return [
    ...twice.map(
      (name): Finding => ({
        rule: 'duplicate-property',
        level: 'warning',
        at: `${at}/${name}`,
        message: 'stands here more than once; only the last one counts, remove the others',
      }),
    ),
    ...value.members.flatMap((member) => inside(member.value, `${at}/${nameOf(member)}`)),
  ];
}
