import type { Claims } from '../../authorization/principal.ts';
import type { NameIdProfile } from '../../destinations/saml-profile.ts';
import { AppError } from '../../errors/app-error.ts';

/**
 * The user id an assertion names: SystemUser, else the claim the profile points to (destination-service.md 3.2).
 * Nothing is guessed: an id from another claim could be another person's.
 * @throws AppError ERR_CREDENTIAL when the claim is missing or no text
 */
export function nameIdOf(
  { systemUser, source }: NameIdProfile,
  claims: Claims | undefined,
  destination: string,
): string {
  if (systemUser !== undefined) return systemUser;
  let value: unknown = claims;
  for (const step of source) {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    value = inside ? (value as Record<string, unknown>)[step] : undefined;
  }
  if (value === undefined && source.length === 1) value = ownAttribute(claims, source[0] ?? '');
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new AppError({
    code: 'ERR_CREDENTIAL',
    status: 502,
    detail: `The user id for destination ${destination} could not be determined: the user's token has no claim ${source.join('.')}.`,
    hint: cure(Object.keys(claims ?? {})),
    members: { destination },
  });
}

/** XSUAA's custom attributes stand in a claim of their own, as lists (section 3.2 #2); of several values none is chosen. */
function ownAttribute(claims: Claims | undefined, name: string): unknown {
  const attributes: unknown = claims?.['xs.user.attributes'];
  if (typeof attributes !== 'object' || attributes === null || !Object.hasOwn(attributes, name)) return undefined;
  const values = [(attributes as Record<string, unknown>)[name]].flat();
  return values.length === 1 ? values[0] : undefined;
}

function cure(names: readonly string[]): string {
  if (names.length === 0)
    return 'It has no claims at all; where another destination gets it, set tokenService.body.token_format to jwt there.';
  return `Name the claim that holds the user id in userIdSource; the token has: ${names.toSorted().join(', ')}.`;
}
