/** What is wrong with a JSON text, without the excerpt V8 quotes: around the fault there may be a secret. */
export function jsonFault(cause: unknown): string {
  const message = (cause as Error).message;
  const position = /position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
  const what =
    /^(?:Unexpected end of JSON input|Expected [^.]*? in JSON|Unexpected token|Bad [a-z ]+|Unterminated string)/.exec(
      message,
    )?.[0];
  const told = what === 'Unexpected token' ? 'unexpected character' : (what ?? 'it cannot be read');
  return `is not valid JSON: ${told}${position ? ` at ${position}` : ''}`;
}
