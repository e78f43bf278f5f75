import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources } from '../support/import-graph.ts';

/**
 * T-22, T-62 and T-80. Parsers of HTTP that a product leans on had holes of their own (undici CVE-2026-1525, -1527, llhttp
 * CVE-2022-32214…, CVE-2025-23167); so had home-made cryptography (node-forge CVE-2022-24771…, CVE-2025-12816). In April 2026
 * packages of the CAP world were published with a hook that ran at install ("Mini Shai-Hulud", SAP Note 3747787).
 *
 * What must hold: no lax parser, a patched node, signatures and encryption by node:crypto alone, few dependencies, each
 * pinned by its hash, none that runs code when it is installed.
 */
const root = path.resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
  engines: { node: string };
  allowScripts: Record<string, boolean>;
};
const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<
    string,
    {
      dev?: boolean;
      link?: boolean;
      integrity?: string;
      resolved?: string;
      hasInstallScript?: boolean;
      optional?: boolean;
    }
  >;
};
const packages = Object.entries(lock.packages).filter(([name]) => name !== '');
const sources = readSources(root, ['src', 'routes']);

describe('what we lean on', () => {
  test('is pinned by its hash and comes from a registry by https', () => {
    expect(packages.length).toBeGreaterThan(100);
    for (const [name, { integrity, resolved, link }] of packages) {
      expect([name, link === true || /^sha512-/.test(integrity ?? '')]).toEqual([name, true]);
      if (resolved !== undefined) expect([name, /^https:\/\//.test(resolved)]).toEqual([name, true]);
    }
  });

  test('runs nothing when it is installed; of the tools for development only the one that is approved', () => {
    const running = packages.filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(running.filter(([, { dev, optional }]) => dev !== true && optional !== true).map(([name]) => name)).toEqual(
      [],
    );
    expect(Object.keys(manifest.allowScripts)).toEqual(['node']);
  });

  test('and nor do we', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare', 'postprepare'];
    expect(hooks.filter((hook) => hook in manifest.scripts)).toEqual([]);
  });

  test('is little: twenty direct dependencies at most', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(20);
  });

  test('has no cryptography of its own but node-forge, for PKCS#12 alone', () => {
    const homegrown =
      /(?:^|\/)(?:jsrsasign|elliptic|crypto-js|sjcl|tweetnacl|jsonwebtoken|md5|bcryptjs|xml-encryption)$/;
    expect(packages.filter(([name, { dev }]) => dev !== true && homegrown.test(name)).map(([name]) => name)).toEqual(
      [],
    );
    const forging = sources
      .filter(({ text }) => /from 'node-forge'|import\('node-forge'\)/.test(text))
      .map((source) => source.path);
    expect(forging.length).toBeLessThanOrEqual(2);
    for (const file of forging) expect(file).toMatch(/^src\/config\/key-store/);
    const signing = sources.filter(({ path: file }) => forging.includes(file));
    for (const { text } of signing)
      expect(text).not.toMatch(/\.sign\(|\.encrypt\(|\.decrypt\(|createCipher|hmac\.create/);
  });
});

describe('the runtime', () => {
  test('is a patched one', () => {
    const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(manifest.engines.node)?.map(Number) ?? [];
    expect(major * 100 + minor).toBeGreaterThanOrEqual(2_219); // 22.19: all of the above in llhttp and undici
  });

  test('parses strictly: nothing switches the lax parser on', () => {
    const lax = /insecureHTTPParser|insecure-http-parser|rejectUnauthorized: false/;
    const files = [
      ...sources,
      ...readdirSync(root)
        .filter((name) => /\.(json|yml)$|Dockerfile/.test(name) && name !== 'package-lock.json')
        .map((name) => ({ path: name, text: readFileSync(path.join(root, name), 'utf8') })),
    ];
    expect(
      files.filter(({ text }) => lax.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))).map((source) => source.path),
      // The doctor shakes hands to look at a certificate, judges it itself, and sends nothing on that connection.
    ).toEqual(['src/commands/doctor/probe-endpoint.ts']);
  });

  test('compares secrets in constant time only (T-34)', () => {
    const suspicious =
      /(?<!typeof )\b(?:signature|mac|hmac|csrfToken|clientSecret|password|sessionSecret)\b\s*[!=]==(?!\s*(?:undefined|null|''|""))/;
    expect(
      sources.flatMap(({ path: file, text }) =>
        text
          .split('\n')
          .filter((line) => suspicious.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      ),
    ).toEqual([]);
  });

  test('runs no text as code, and no shell', () => {
    const running = /[=(,;]\s*eval\(|new Function\(|node:vm'|from 'node:child_process'|\bexecSync\(/;
    // `portunus check` gives an expression of the configuration a limited time, and V8's collector of young objects is to
    // be had by name only: the script is a constant in both.
    const constant = ['src/forwarding/collect-streamed.ts', 'src/lint/lint-expressions.ts'];
    expect(sources.filter(({ text }) => running.test(text)).map((source) => source.path)).toEqual(constant);
  });
});
