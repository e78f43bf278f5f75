/** A service bound by the platform, in one shape whatever it came from. */
export interface Binding {
  readonly label: string;
  readonly name: string;
  readonly plan?: string;
  readonly tags: readonly string[];
  readonly credentials: Readonly<Record<string, unknown>>;
  /** Where its credentials stand, for messages; absent: in VCAP_SERVICES. */
  readonly at?: string;
}

/** Where the credentials of a binding stand, as messages name it. */
export function placeOf({ at, label, name }: Binding): string {
  return at ?? `VCAP_SERVICES/${label}/${name}/credentials`;
}

/** A line for the start: which service was found where. */
export function tellBinding(binding: Binding): string {
  const plan = binding.plan === undefined ? '' : `, plan ${binding.plan}`;
  return `bound: ${binding.name} (${binding.label}${plan}) from ${placeOf(binding).replace(/\/credentials$/, '')}`;
}
