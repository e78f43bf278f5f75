import type { Examination, Outcome, Step } from './step.ts';

/** How what was found is told. */
export const reports = {
  table: tellTable,
  json: tellJson,
  junit: tellJunit,
} satisfies Record<string, (found: readonly Examination[], colored: boolean) => string>;

export type ReportFormat = keyof typeof reports;

export function isFormat(text: string): text is ReportFormat {
  return Object.hasOwn(reports, text);
}

/** The worst of its steps. */
export function outcomeOf({ steps }: Examination): Outcome {
  const has = (outcome: Outcome) => steps.some((step) => step.outcome === outcome);
  return has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok';
}

/** Select Graphic Rendition (ECMA-48 8.3.117). */
const looks: Readonly<Record<Outcome, { readonly word: string; readonly color: number }>> = {
  ok: { word: 'ok', color: 32 },
  warning: { word: 'warning', color: 33 },
  failed: { word: 'FAILED', color: 31 },
  skipped: { word: 'skipped', color: 90 },
};

function tellTable(found: readonly Examination[], colored: boolean): string {
  const paint = (color: number, text: string) => (colored ? `\x1b[${color}m${text}\x1b[0m` : text);
  const width = Math.max(0, ...found.flatMap(({ steps }) => steps.map(({ name }) => name.length)));
  const line = ({ name, outcome, told, cure, milliseconds }: Step) => {
    const { word, color } = looks[outcome];
    const indent = ' '.repeat(2 + 9 + width + 2);
    const shown = harmless(told).replace(/\n\s*/g, `\n${indent}`);
    const time = outcome === 'skipped' ? '' : paint(90, ` (${milliseconds} ms)`);
    return `  ${paint(color, word)}${' '.repeat(9 - word.length)}${name.padEnd(width)}  ${shown}${time}\n${cure === undefined ? '' : `${indent}→ ${cure}\n`}`;
  };
  const told = found.map(({ subject, steps }) => `${paint(1, subject)}\n${steps.map(line).join('')}`);
  const failed = found.filter((one) => outcomeOf(one) === 'failed').map(({ subject }) => subject);
  const summary =
    failed.length === 0
      ? paint(32, `All well: ${found.length} looked at.`)
      : paint(31, `${failed.length} of ${found.length} failed: ${failed.join(', ')}`);
  return `${[...told, summary].join('\n')}\n`;
}

/** What a server says must not steer the terminal (its certificate's names, a token service's words). */
function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '\ufffd');
}

function tellJson(found: readonly Examination[]): string {
  const examinations = found.map((one) => ({ subject: one.subject, outcome: outcomeOf(one), steps: one.steps }));
  const ok = examinations.every(({ outcome }) => outcome !== 'failed');
  return `${JSON.stringify({ ok, examinations }, null, 2)}\n`;
}

/** As build servers read it: a suite for each thing looked at, a case for each step. */
function tellJunit(found: readonly Examination[]): string {
  const suites = found.map(({ subject, steps }) => {
    const count = (outcome: Outcome) => steps.filter((step) => step.outcome === outcome).length;
    const time = seconds(steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    const cases = steps.map((step) => {
      const { name, outcome, told, cure, milliseconds } = step;
      const text = cure === undefined ? told : `${told}\n${cure}`;
      const inside = {
        ok: `<system-out>${inXml(text)}</system-out>`,
        warning: `<system-out>warning: ${inXml(text)}</system-out>`,
        failed: `<failure message="${inXml(told)}">${inXml(text)}</failure>`,
        skipped: `<skipped message="${inXml(told)}"/>`,
      }[outcome];
      return `    <testcase classname="${inXml(subject)}" name="${inXml(name)}" time="${seconds(milliseconds)}">${inside}</testcase>\n`;
    });
    return `  <testsuite name="${inXml(subject)}" tests="${steps.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${time}">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="portunus doctor">\n${suites.join('')}</testsuites>\n`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** What XML 1.0 cannot hold at all (2.2) is left out. */
function inXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
