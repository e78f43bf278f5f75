import type { AnyNode, ElementNode, MemberNode, ValueNode } from '@humanwhocodes/momoa';
import type { Finding, Located, Region } from './finding.ts';
import { type Document, type Documents, nameOf } from './read-documents.ts';

const environmentFile = 'default-env.json';

/**
 * Makes what finds the place of a finding on disk. A variable that only `default-env.json` sets is found there.
 * @param variables the environment of the process, which wins over that file
 */
export function createLocate(
  documents: Documents,
  variables: Readonly<Record<string, string | undefined>>,
): (finding: Finding) => Located {
  return (finding) => {
    const { at } = finding;
    const file = [...documents.keys()].find((name) => at === name || at.startsWith(`${name}/`));
    if (file !== undefined) return { ...finding, ...placed(file, at.slice(file.length + 1)) };
    const variable = at.replace(/^environment\//, '');
    const [name = ''] = variable.split(/[/ ]/, 1);
    const inFile = variables[name] === undefined && has(documents.get(environmentFile), name);
    if (!inFile) return { ...finding, file: undefined, region: undefined };
    return { ...finding, ...placed(environmentFile, variable) };
  };

  function placed(file: string, at: string): Pick<Located, 'file' | 'region'> {
    const document = documents.get(file);
    if (document === undefined) return { file, region: undefined };
    if ('fault' in document) return { file, region: document.fault };
    // Where the whole file is meant, its first character stands for it.
    return { file, region: at === '' ? firstOf(document.body) : regionOf(walk(document.body, at, undefined)) };
  }
}

function has(document: Document | undefined, name: string): boolean {
  return (
    document !== undefined &&
    'body' in document &&
    document.body.type === 'Object' &&
    document.body.members.some((member) => nameOf(member) === name)
  );
}

/** The deepest node on the way that a path goes; what is missing is found at what it is missing from. */
function walk(value: ValueNode, at: string, holder: MemberNode | ElementNode | undefined): AnyNode {
  const here = holder ?? value;
  if (at === '') return here;
  if (value.type === 'Object') {
    // Names may hold slashes themselves; of two that fit, the longer one. The last of two equal names counts (RFC 8259 4).
    const fitting = value.members
      .filter((member) => at === nameOf(member) || at.startsWith(`${nameOf(member)}/`))
      .sort((a, b) => nameOf(a).length - nameOf(b).length)
      .at(-1);
    return fitting === undefined ? here : walk(fitting.value, at.slice(nameOf(fitting).length + 1), fitting);
  }
  if (value.type === 'Array') {
    const [segment = ''] = at.split('/', 1);
    // Bindings are told by their name.
    const element = value.elements[/^\d+$/.test(segment) ? Number(segment) : -1] ?? named(value.elements, at);
    if (element === undefined) return here;
    const taken = /^\d+$/.test(segment) ? segment : nameIn(element);
    return walk(element.value, at.slice(taken.length + 1), element);
  }
  return here;
}

function named(elements: readonly ElementNode[], at: string): ElementNode | undefined {
  return elements.find((element) => at === nameIn(element) || at.startsWith(`${nameIn(element)}/`));
}

/** Value of the property `name`. */
function nameIn({ value }: ElementNode): string {
  const member = value.type === 'Object' ? value.members.find((one) => nameOf(one) === 'name') : undefined;
  return member?.value.type === 'String' ? member.value.value : '';
}

/** Of a property the name and the value, of an object or array only its first character. */
function regionOf(node: AnyNode): Region {
  if (node.type === 'Member') {
    const { start } = node.name.loc;
    const { end } = isOpen(node.value) ? node.name.loc : node.value.loc;
    return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  }
  if (node.type === 'Element') return regionOf(node.value);
  return isOpen(node) ? firstOf(node) : spanOf(node);
}

function isOpen({ type }: AnyNode): boolean {
  return type === 'Object' || type === 'Array';
}

function spanOf({ loc: { start, end } }: AnyNode): Region {
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

function firstOf({ loc: { start } }: AnyNode): Region {
  return { line: start.line, column: start.column, endLine: start.line, endColumn: start.column + 1 };
}
