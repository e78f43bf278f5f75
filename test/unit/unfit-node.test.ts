import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { unfitNode } from '../../src/unfit-node.ts';

describe('a node that is too old', () => {
  test.each(['20.20.2', '22.18.9', '18.0.0', '22.2.0'])('%s is told, with what is needed', (version) => {
    expect(unfitNode(version)).toBe(`Portunus needs Node.js 22.19 or later; this is ${version}`);
  });

  test.each(['22.19.0', '22.20.1', '23.0.0', '24.21.0', '100.1.0', process.versions.node])('%s is none', (version) => {
    expect(unfitNode(version)).toBeUndefined();
  });

  test('is what package.json says it is', () => {
    const { engines } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    const oldest = engines.node.replace('>=', '');
    expect(unfitNode(`${oldest}.0`)).toBeUndefined();
    expect(unfitNode('0.0.0')).toContain(` ${oldest} `);
  });
});
