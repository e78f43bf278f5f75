import type { Employee } from './employees.ts';
import type { ODataResult } from './odata-result.ts';
import { type PropertyName, propertyValue, type Value } from './user-entity.ts';

/** OData v2 JSON: everything inside `d`, lists in `results`, dates as `/Date(ms)/` (token-flows.md E6). */
export function toJson(result: ODataResult, root: string): unknown {
  switch (result.kind) {
    case 'service':
      return { d: { EntitySets: ['User'] } };
    case 'list':
      return {
        d: {
          results: result.employees.map((employee) => entity(employee, result.select, root)),
          ...(result.count === undefined ? {} : { __count: String(result.count) }),
          ...(result.next === undefined ? {} : { __next: result.next }),
        },
      };
    case 'single':
      return { d: entity(result.employee, result.select, root) };
    case 'property':
      return { d: { [result.name]: json(propertyValue(result.employee, result.name)) } };
  }
}

function entity(employee: Employee, select: readonly PropertyName[], root: string) {
  const uri = `${root}/User('${employee.userId}')`;
  return {
    __metadata: { uri, type: 'SFOData.User' },
    ...Object.fromEntries(select.map((name) => [name, json(propertyValue(employee, name))])),
    manager: { __deferred: { uri: `${uri}/manager` } },
  };
}

function json(value: Value) {
  return value instanceof Date ? `/Date(${value.getTime()})/` : value;
}
