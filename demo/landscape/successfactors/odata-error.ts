/** A refusal of the OData service (token-flows.md E6). */
export class ODataError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ODataError';
    this.status = status;
    this.code = code;
  }
}

export const entityNotFound = (name: string) =>
  new ODataError(400, 'COE_ENTITY_NOT_FOUND', `[COE0007]Entity ${name} is not found. Please check the entity name.`);

export const propertyNotFound = (name: string, entity: string) =>
  new ODataError(
    400,
    'COE_PROPERTY_NOT_FOUND',
    `[COE0021]Invalid property names: ${entity}/${name}. Please check the property name.`,
  );

export const keyNotFound = (key: string) =>
  new ODataError(404, 'NotFoundException', `User with key '${key}' is not found.`);

export const badRequest = (message: string) => new ODataError(400, 'COE_GENERAL_BAD_REQUEST', message);
