/** A service bound by the platform, in one shape whatever it came from. */
export interface Binding {
  readonly label: string;
  readonly name: string;
  readonly plan?: string;
  readonly tags: readonly string[];
  readonly credentials: Readonly<Record<string, unknown>>;
}
