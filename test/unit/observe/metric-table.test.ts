import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { countMetrics } from '../../../src/observe/count-metrics.ts';
import { boundedLabel, methodLabel, statusLabel } from '../../../src/observe/label-values.ts';
import { metricTable } from '../../../src/observe/metric-table.ts';

const page = readFileSync(new URL('../../../docs/observability.md', import.meta.url), 'utf8');
const metrics = countMetrics(
  {
    pools: () => [
      { origin: 'https://hm.example', connected: 3, idle: 1, queued: 2 },
      { origin: 'https://hm.example', connected: 2, idle: 2, queued: 0 },
    ],
    certificates: () => [{ owner: 'hm', subject: 'portunus', endsAt: 10 * 86_400_000 }],
    paused: () => ['hm'],
    held: () => ({ portunus_sessions: undefined, portunus_tokens_kept: 7, portunus_live_sessions: 2 }),
  },
  () => 0,
);

describe('metrics', () => {
  test('the page shows exactly those that a scrape has, with type and labels', async () => {
    const shown = [...page.matchAll(/^\| `(portunus_\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(
      ([, name, type, labels = '']) => [name, type, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)],
    );
    expect(shown).toEqual(Object.entries(metricTable).map(([name, { type, labels }]) => [name, type, [...labels]]));
    const scraped = [...(await metrics.text()).matchAll(/^# TYPE (portunus_\w+) (\w+)$/gm)].map(([, name, type]) => [
      name,
      type,
    ]);
    expect(scraped.sort()).toEqual(shown.map(([name, type]) => [name, type]).sort());
  });

  test('pools to one origin are added up; certificates tell their days', async () => {
    const text = await metrics.text();
    expect(text).toContain('portunus_backend_connections{origin="https://hm.example",state="connected"} 5');
    expect(text).toContain('portunus_backend_connections{origin="https://hm.example",state="idle"} 3');
    expect(text).toContain('portunus_backend_queued_requests{origin="https://hm.example"} 2');
    expect(text).toContain('portunus_destination_paused{destination="hm"} 1');
    expect(text).toContain('portunus_certificate_expiry_days{owner="hm",subject="portunus"} 10');
    expect(text).toMatch(/^portunus_tokens_kept 7$/m);
    expect(text).not.toMatch(/^portunus_sessions /m); // held elsewhere: no number is no claim that there are none
    expect(await metrics.text()).toContain('state="connected"} 5'); // looked at, not summed up
  });
});

describe('labels are bounded, whatever comes', () => {
  test('invented methods are one', () => {
    expect(['GET', 'PATCH', 'MERGE', 'x'.repeat(99)].map(methodLabel)).toEqual(['GET', 'PATCH', 'other', 'other']);
  });

  test('statuses are classes', () => {
    expect([101, 204, 302, 499, 503].map(statusLabel)).toEqual(['1xx', '2xx', '3xx', '4xx', '5xx']);
  });

  test('of names the first two hundred count, and stay', () => {
    const label = boundedLabel();
    const seen = new Set(Array.from({ length: 1_000 }, (_, i) => label(`name ${i}`)));
    expect(seen.size).toBe(201);
    expect([label('name 0'), label('name 999')]).toEqual(['name 0', 'other']);
  });
});
