import { DOMParser } from '@xmldom/xmldom';
import { expect, test } from 'vitest';
import { reports } from '../../../../src/commands/doctor/report.ts';
import type { Examination } from '../../../../src/commands/doctor/step.ts';

const hostile = 'it says \x1b[2J\x9b2J <b>&"';
const found: readonly Examination[] = [
  {
    subject: 'quay',
    steps: [
      { name: 'target DNS', outcome: 'ok', told: 'quay.example', milliseconds: 3 },
      { name: 'credential', outcome: 'failed', told: hostile, cure: 'Mend it.', milliseconds: 1_250 },
      { name: 'call', outcome: 'skipped', told: 'see credential', milliseconds: 0 },
    ],
  },
];

test('what a server says does not steer the terminal', () => {
  const table = reports.table(found, false);
  expect(table).not.toMatch(/[^\P{Cc}\n]/u);
  expect(table).toContain('FAILED   credential  it says �[2J�2J <b>&" (1250 ms)');
  expect(table).toContain('→ Mend it.');
  expect(table).toContain('1 of 1 failed: quay');
});

test('JUnit is XML whatever is said, with failures and skips counted', () => {
  const xml = new DOMParser().parseFromString(reports.junit(found), 'text/xml');
  const [suite] = Array.from(xml.getElementsByTagName('testsuite'));
  expect(['tests', 'failures', 'skipped', 'time'].map((name) => suite?.getAttribute(name))).toEqual([
    '3',
    '1',
    '1',
    '1.253',
  ]);
  expect(xml.getElementsByTagName('failure')[0]?.getAttribute('message')).toMatch(/^it says .*<b>&"$/);
  expect(xml.getElementsByTagName('failure')[0]?.textContent).toMatch(/\nMend it\.$/);
});

test('JSON has the worst as outcome', () => {
  expect(JSON.parse(reports.json(found))).toMatchObject({
    ok: false,
    examinations: [{ subject: 'quay', outcome: 'failed' }],
  });
});
