/**
 * What is wrong with a JSON text and where, without the excerpt V8 quotes: around the fault there may be a secret.
 * @param cause what JSON.parse threw for it
 */
export function jsonFault(cause: unknown, text: string): string {
  const { message } = cause as Error;
  if (isUnexpectedToken(message)) return `is not valid JSON: unexpected character at ${placeOfToken(text)}`;
  const position = /position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0];
  const what = /^(?:Unexpected end of JSON input|Expected [^.]*? in JSON|Bad [a-z ]+|Unterminated string)/.exec(
    message,
  );
  return `is not valid JSON: ${what?.[0] ?? 'it cannot be read'}${position ? ` at ${position}` : ''}`;
}

function isUnexpectedToken(message: string): boolean {
  return message.startsWith('Unexpected token');
}

/** V8 does not tell it: the token is at the end of the shortest beginning of the text that is wrong for the same reason. */
function placeOfToken(text: string): string {
  let right = 0;
  let wrong = text.length;
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (isWrong(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  const lines = text.slice(0, wrong).split('\n');
  return `position ${wrong - 1} (line ${lines.length} column ${lines.at(-1)?.length})`;
}

function isWrong(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (cause) {
    return isUnexpectedToken((cause as Error).message);
  }
}
