/** Form fields that say nothing secret; any other value sent must not come back in an error. */
const plainFields = new Set([
  'actor_token_type',
  'claims',
  'client_assertion_type',
  'client_id',
  'company_id',
  'grant_type',
  'new_token',
  'redirect_uri',
  'requested_token_type',
  'requested_token_use',
  'resource',
  'response_type',
  'scope',
  'subject_token_type',
  'token_format',
]);

export function isPlainField(name: string): boolean {
  return plainFields.has(name);
}
