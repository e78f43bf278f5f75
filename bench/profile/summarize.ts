import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure, table } from '../report/table.ts';

/** As V8 writes it. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Time from the sample before to each sample. */
  readonly timeDeltas: readonly number[];
}

const repository = fileURLToPath(new URL('../../', import.meta.url));
const idle = new Set(['(idle)', '(root)']);

/**
 * Where the time went, per request: by part of the program, by function (its own time), and by our functions with all
 * they call.
 * @param requests how many were answered in the last seconds of the profile
 * @param seconds how many these are
 */
export function summarize({ nodes, samples, timeDeltas }: CpuProfile, requests: number, seconds: number): string {
  const own = new Map<number, number>();
  let left = seconds * 1e6;
  for (let index = samples.length - 1; index >= 0 && left > 0; index--) {
    const [id = 0, time = 0] = [samples[index], timeDeltas[index]];
    own.set(id, (own.get(id) ?? 0) + time);
    left -= time;
  }
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, nameOf(node.callFrame)]));

  const [parts, functions, inclusive] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const add = (map: Map<string, number>, key: string, time: number) => map.set(key, (map.get(key) ?? 0) + time);
  let total = 0;
  for (const { id, callFrame } of nodes) {
    const time = own.get(id) ?? 0;
    if (time === 0 || idle.has(callFrame.functionName)) continue;
    total += time;
    add(parts, partOf(callFrame.url, callFrame.functionName), time);
    add(functions, nameOf(callFrame), time);
    const line = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) line.add(byId.get(at) ?? '');
    for (const name of line) if (isOurs(name)) add(inclusive, name, time);
  }
  const show = (title: string, map: Map<string, number>, most: number) => {
    const top = [...map].sort(([, a], [, b]) => b - a).slice(0, most);
    const rows = top.map(([name, time]) => [name, figure(time / requests), `${((time / total) * 100).toFixed(1)} %`]);
    return table([title, 'µs/request', 'share'], rows);
  };
  return [
    `${figure(requests)} requests, ${figure(total / requests)} µs each`,
    show('part', parts, 30),
    show('function, own time', functions, 50),
    show('our function, with what it calls', inclusive, 50),
  ].join('\n\n');
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${fileOf(url)}:${lineNumber + 1}`;
}

function fileOf(url: string): string {
  return url.startsWith('file://') ? path.relative(repository, fileURLToPath(url)) : url;
}

/** Package, folder of ours, or module of node. */
function partOf(url: string, name: string): string {
  if (url === '') return name.startsWith('(') ? name : 'native';
  const file = fileOf(url);
  const inPackage = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (inPackage !== undefined) return inPackage;
  return file.startsWith('node:') ? file.split('/').slice(0, 2).join('/') : path.dirname(file);
}

function isOurs(name: string): boolean {
  return / (?:src|routes)\//.test(name);
}
