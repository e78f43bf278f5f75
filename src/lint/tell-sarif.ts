import { pathToFileURL } from 'node:url';
import type { Located } from './finding.ts';
import { rules } from './rules.ts';

/**
 * SARIF 2.1.0 (OASIS, 27 March 2020), as code hosts and editors show it. Only rules that something was found for are listed.
 * @param workingDirectory absolute; what the files are relative to
 */
export function tellSarif(findings: readonly Located[], workingDirectory: string, version: string): string {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  const run = {
    tool: {
      driver: {
        name: 'Portunus',
        semanticVersion: version,
        rules: ids.map((id) => ({
          id,
          shortDescription: { text: rules[id] },
          help: { text: `${rules[id]} More in docs/tools/check.md, under ${id}.` },
        })),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { WORKING_DIRECTORY: { uri: pathToFileURL(`${workingDirectory}/`).href } },
    results: findings.map((finding) => ({
      ruleId: finding.rule,
      ruleIndex: ids.indexOf(finding.rule),
      level: finding.level,
      message: { text: `${finding.at}: ${finding.message}` },
      locations: [locationOf(finding)],
    })),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function locationOf({ file, region, at }: Located) {
  const logicalLocations = [{ fullyQualifiedName: at, ...(file === undefined ? { kind: 'variable' } : {}) }];
  if (file === undefined) return { logicalLocations };
  const artifactLocation = { uri: file, uriBaseId: 'WORKING_DIRECTORY' };
  if (region === undefined) return { physicalLocation: { artifactLocation }, logicalLocations };
  const { line: startLine, column: startColumn, endLine, endColumn } = region;
  return {
    physicalLocation: { artifactLocation, region: { startLine, startColumn, endLine, endColumn } },
    logicalLocations,
  };
}
