import type { Located } from './finding.ts';

/** One line a finding, as compilers write them, so that editors and terminals make links of the places. */
export function tellText(findings: readonly Located[]): string {
  const lines = findings.map(({ file, region, at, level, message, rule }) => {
    const inside = file === undefined ? at : at.slice(at === file || at.startsWith(`${file}/`) ? file.length + 1 : 0);
    const place = file === undefined ? '' : `${file}${region ? `:${region.line}:${region.column}` : ''}: `;
    return `${place}${level}: ${inside === '' ? '' : `${inside}: `}${message} [${rule}]`;
  });
  return `${[...lines, summaryOf(findings)].join('\n')}\n`;
}

function summaryOf(findings: readonly Located[]): string {
  const counted = (['error', 'warning', 'note'] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${level}${count === 1 ? '' : 's'}`];
  });
  return counted.length === 0 ? 'Nothing to complain about.' : `${counted.join(', ')}.`;
}
