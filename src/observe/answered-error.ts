/** What is told of an error to who gets it as the answer. */
export interface AnsweredError {
  readonly code: string;
  readonly status: number;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly members: Readonly<Record<string, string | number | readonly string[]>>;
}
