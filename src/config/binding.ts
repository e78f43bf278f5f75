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

/** Names of bindings listed in one message. */
const most = 12;

/** What is bound, as a message tells it to somebody whose service was not found. */
export function tellBound(bindings: readonly Binding[]): string {
  if (bindings.length === 0) return 'nothing is bound';
  const named = bindings.slice(0, most).map(({ name, label }) => `${name} (${label})`);
  return `bound: ${named.join(', ')}${bindings.length > most ? ` and ${bindings.length - most} more` : ''}`;
}

/** A line for the start: which service was found where. */
export function tellBinding(binding: Binding): string {
  const plan = binding.plan === undefined ? '' : `, plan ${binding.plan}`;
  return `bound: ${binding.name} (${binding.label}${plan}) from ${placeOf(binding).replace(/\/credentials$/, '')}`;
}
