import vm from 'node:vm';
import { isSafePattern } from 'redos-detector';
import { examplesOf } from './examples-of.ts';
import type { Finding } from './finding.ts';
import type { Linted } from './linted.ts';

/** Milliseconds after which a test of one target is given up. An honest expression takes a thousandth of it. */
const limit = 500;
/** Characters; clients may send four times as many. */
const length = 4_000;
/** Milliseconds spent on one expression at most. */
const patience = 2_000;

/**
 * Expressions that a request can keep busy (ReDoS): found by their structure, then tried. Only those are told for which a
 * target was found that takes too long.
 */
export function lintExpressions({ routes, config }: Linted): readonly Finding[] {
  const cors = (config.xsApp.cors ?? []).flatMap(({ uriPattern, hostPattern }, index) => [
    { at: `xs-app.json/cors/${index}/uriPattern`, expression: new RegExp(uriPattern) },
    ...(hostPattern === undefined
      ? []
      : [{ at: `xs-app.json/cors/${index}/hostPattern`, expression: new RegExp(hostPattern) }]),
  ]);
  const sources = routes.map(({ route, at }) => ({ at: `${at}/source`, expression: route.source }));
  return [...sources, ...cors].flatMap(({ at, expression }): Finding[] => {
    const slow = slowTargetOf(expression);
    if (slow === undefined) return [];
    const message = `a request such as ${slow} keeps the router busy for more than ${limit} ms, and nobody else is served meanwhile; do not repeat what is repeated already`;
    return [{ rule: 'redos-prone-source', level: 'warning', at, message }];
  });
}

/** @returns a target in short, or undefined where none was found */
function slowTargetOf(expression: RegExp): string | undefined {
  if (isSafePattern(expression.source, { caseInsensitive: expression.ignoreCase, timeout: 300 }).safe) return undefined;
  const end = performance.now() + patience;
  const sandbox = vm.createContext({ expression, target: '' });
  const test = new vm.Script('expression.test(target)');
  for (const { head, part, tail } of attacksOn(expression.source)) {
    if (performance.now() > end) return undefined;
    const times = Math.floor((length - head.length) / part.length);
    sandbox['target'] = head + part.repeat(times) + tail;
    try {
      test.runInContext(sandbox, { timeout: limit });
    } catch {
      return `"${head}", ${times} times "${part}", "${tail}"`;
    }
  }
  return undefined;
}

/** What is found, with a part of it repeated, and an end that is not found. */
function* attacksOn(source: string) {
  const seen = new Set<string>();
  for (const example of examplesOf(source)) {
    const text = example.startsWith('/') ? example : `/${example}`;
    for (let at = 0; at < text.length; at++)
      for (let size = 1; size <= 4 && at + size <= text.length; size++)
        for (const tail of ['!', '', '/']) {
          const [head, part] = [text.slice(0, at), text.slice(at, at + size)];
          const key = `${head} ${part} ${tail}`;
          if (seen.has(key)) continue;
          seen.add(key);
          yield { head, part, tail };
        }
  }
}
