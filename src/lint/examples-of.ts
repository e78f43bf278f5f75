/**
 * Texts in which a regular expression is found: guesses, made by walking through it and taking the simplest way in each
 * place. What is claimed of them is to be tested with the expression itself.
 */
export function examplesOf(source: string): readonly string[] {
  const reader = { text: source, at: 0 };
  try {
    return [...new Set(readAlternatives(reader))].slice(0, most);
  } catch {
    return []; // something that this does not know: no examples
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

/** Examples kept in each place. */
const most = 12;
/** One of these stands for a class of characters. */
const characters = [...'xaA0-_/.~!?=&% :;@+,'];

function readAlternatives(reader: Reader): string[] {
  const all = [readSequence(reader)];
  while (reader.text[reader.at] === '|') {
    reader.at++;
    all.push(readSequence(reader));
  }
  return all.flat();
}

function readSequence(reader: Reader): string[] {
  const terms: string[][] = [];
  while (reader.at < reader.text.length && !'|)'.includes(reader.text[reader.at] as string))
    terms.push(readQuantified(reader));
  const first = terms.map((term) => term[0] ?? '');
  const whole = first.join('');
  // One place at a time is varied: all combinations would be too many.
  const varied = terms.flatMap((term, i) =>
    term.slice(1).map((other) => [...first.slice(0, i), other, ...first.slice(i + 1)].join('')),
  );
  return [whole, ...varied].slice(0, most);
}

function readQuantified(reader: Reader): string[] {
  const atom = readAtom(reader);
  const rest = reader.text.slice(reader.at);
  const found = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(rest);
  if (found === null) return atom;
  reader.at += found[0].length;
  const least = found[1] === undefined ? (rest[0] === '+' ? 1 : 0) : Number(found[1]);
  const more = [Math.max(1, least), least, least + 2].filter((n) => n <= 20 && (rest[0] !== '?' || n < 2));
  const upTo =
    found[2] !== undefined && found[2] !== ''
      ? Number(found[2])
      : found[1] !== undefined && found[2] === undefined
        ? least
        : 20;
  return more.filter((n) => n <= upTo).flatMap((n) => atom.slice(0, 4).map((one) => one.repeat(n)));
}

function readAtom(reader: Reader): string[] {
  const rest = reader.text.slice(reader.at);
  const take = (length: number) => {
    reader.at += length;
    return rest.slice(0, length);
  };
  const group = /^\((?:\?(?:([=!]|<[=!])|:|<[^>]*>))?/.exec(rest);
  if (group !== null) {
    take(group[0].length);
    const inner = readAlternatives(reader);
    reader.at++; // the closing one
    return group[1] === undefined ? inner : [''];
  }
  const set = /^(?:\[(?:\\.|[^\]\\])*\]|\\[dDwWsS]|\\p\{[^}]*\}|\.)/i.exec(rest);
  if (set !== null) {
    const one = new RegExp(`^${take(set[0].length)}$`);
    return characters.filter((character) => one.test(character)).slice(0, 3);
  }
  if (/^[\^$]/.test(rest)) return [take(1) && ''];
  if (/^\\[bB]/.test(rest)) return [take(2) && ''];
  const back = /^\\(?:\d+|k<[^>]*>)/.exec(rest);
  if (back !== null) return [take(back[0].length) && ''];
  const code = /^\\(?:x([\da-f]{2})|u([\da-f]{4}))/i.exec(rest);
  if (code !== null)
    return [take(code[0].length) && String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? '', 16))];
  return [rest.startsWith('\\') ? take(2).slice(1) : take(1)];
}
