import { Ajv } from 'ajv';

/**
 * The part of SARIF 2.1.0 that `check` uses, written down from the standard (OASIS, 27 March 2020), section by section, and
 * closed: the standard's own schema refuses what it does not know, and so does this one.
 */
const text = { type: 'string', minLength: 1 };
const closed = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

// 3.12 multiformatMessageString, 3.11 message
const message = closed({ text }, ['text']);
// 3.4 artifactLocation: a reference that a URI can be made of
const artifactLocation = closed({ uri: { type: 'string', pattern: '^[^\\s\\\\]+$' }, uriBaseId: text }, ['uri']);
// 3.30 region: lines and columns count from 1
const count = { type: 'integer', minimum: 1 };
const region = closed({ startLine: count, startColumn: count, endLine: count, endColumn: count }, ['startLine']);
// 3.28 location, 3.29 physicalLocation, 3.33 logicalLocation
const location = closed({
  physicalLocation: closed({ artifactLocation, region }, ['artifactLocation']),
  logicalLocations: { type: 'array', minItems: 1, items: closed({ fullyQualifiedName: text, kind: text }) },
});
// 3.27 result
const result = closed(
  {
    ruleId: text,
    ruleIndex: { type: 'integer', minimum: 0 },
    level: { enum: ['none', 'note', 'warning', 'error'] },
    message,
    locations: { type: 'array', minItems: 1, maxItems: 1, items: location },
  },
  ['message'],
);
// 3.49 reportingDescriptor, 3.19 toolComponent, 3.18 tool
const rule = closed({ id: text, shortDescription: message, help: message }, ['id']);
const driver = closed(
  {
    name: text,
    semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$' },
    rules: { type: 'array', items: rule, uniqueItems: true },
  },
  ['name'],
);
// 3.14 run; 3.14.14: a base ends with a slash
const base = closed({ uri: { type: 'string', pattern: '^file:///\\S*/$' } }, ['uri']);
const run = closed(
  {
    tool: closed({ driver }, ['driver']),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    originalUriBaseIds: { type: 'object', additionalProperties: base },
    results: { type: 'array', items: result },
  },
  ['tool'],
);
// 3.13 sarifLog
const log = closed({ $schema: { type: 'string' }, version: { const: '2.1.0' }, runs: { type: 'array', items: run } }, [
  'version',
  'runs',
]);

const validate = new Ajv({ allErrors: true }).compile(log);

/** What is wrong with a log, a line each; and that what it refers to is there: rules by index, bases by name. */
export function sarifProblems(parsed: unknown): readonly string[] {
  if (!validate(parsed))
    return (validate.errors ?? []).map(({ instancePath, message: told }) => `${instancePath} ${told}`);
  const { runs } = parsed as { runs: readonly Run[] };
  return runs.flatMap(({ tool, results, originalUriBaseIds = {} }) =>
    results.flatMap(({ ruleId, ruleIndex, locations }, index) => {
      const uriBaseId = locations[0]?.physicalLocation?.artifactLocation.uriBaseId;
      return [
        ...(tool.driver.rules[ruleIndex]?.id === ruleId ? [] : [`result ${index} names another rule than its index`]),
        ...(uriBaseId === undefined || uriBaseId in originalUriBaseIds
          ? []
          : [`result ${index}: no base ${uriBaseId}`]),
      ];
    }),
  );
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly originalUriBaseIds?: object;
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly locations: readonly {
      readonly physicalLocation?: { readonly artifactLocation: { uriBaseId?: string } };
    }[];
  }[];
}
