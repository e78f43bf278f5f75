import type { Employee } from './employees.ts';
import type { ODataResult } from './odata-result.ts';
import { type PropertyName, propertyValue, userProperties } from './user-entity.ts';

const namespaces =
  'xmlns="http://www.w3.org/2005/Atom" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" ' +
  'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"';
const declaration = '<?xml version="1.0" encoding="utf-8"?>\n';

/** The same results as minimal Atom, the default format (token-flows.md E6). */
export function toAtom(result: ODataResult, root: string): string {
  switch (result.kind) {
    case 'service':
      return `${declaration}<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"><workspace><collection href="User"><atom:title>User</atom:title></collection></workspace></service>`;
    case 'list': {
      const entries = result.employees.map((employee) => entry(employee, result.select, root, ''));
      const next = result.next === undefined ? '' : `<link rel="next" href="${escapeXml(result.next)}"/>`;
      return `${declaration}<feed ${namespaces}><id>${root}/User</id>${entries.join('')}${next}</feed>`;
    }
    case 'single':
      return declaration + entry(result.employee, result.select, root, ` ${namespaces}`);
    case 'property':
      return declaration + property(result.employee, result.name, ` ${namespaces}`);
  }
}

/** `<error>` of OData v2. */
export function errorToXml(code: string, message: string): string {
  return (
    `${declaration}<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">` +
    `<code>${escapeXml(code)}</code><message xml:lang="en-US">${escapeXml(message)}</message></error>`
  );
}

/** The CSDL at `$metadata`. */
export function metadataXml(): string {
  const properties = Object.entries(userProperties).map(
    ([name, { type }]) => `<Property Name="${name}" Type="${type}" Nullable="${name !== 'userId'}"/>`,
  );
  return (
    `${declaration}<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">` +
    '<edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" m:DataServiceVersion="2.0">' +
    '<Schema Namespace="SFOData" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">' +
    `<EntityType Name="User"><Key><PropertyRef Name="userId"/></Key>${properties.join('')}</EntityType>` +
    '<EntityContainer Name="EntityContainer" m:IsDefaultEntityContainer="true">' +
    '<EntitySet Name="User" EntityType="SFOData.User"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
  );
}

function entry(employee: Employee, select: readonly PropertyName[], root: string, attributes: string): string {
  const properties = select.map((name) => property(employee, name, '')).join('');
  return (
    `<entry${attributes}><id>${root}/User('${employee.userId}')</id><category term="SFOData.User"/>` +
    `<content type="application/xml"><m:properties>${properties}</m:properties></content></entry>`
  );
}

function property(employee: Employee, name: PropertyName, attributes: string): string {
  const value = propertyValue(employee, name);
  const text = value instanceof Date ? value.toISOString().slice(0, 19) : (value ?? '');
  return `<d:${name}${attributes}>${escapeXml(text)}</d:${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
