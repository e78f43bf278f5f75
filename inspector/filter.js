const fields = {
  path: ({ path }) => path,
  method: ({ method }) => method,
  route: ({ route }) => (route === null ? '' : `${route.name} ${route.source}`),
  destination: ({ destination }) => destination ?? '',
  user: ({ judgement }) => judgement?.user ?? '',
  code: ({ error }) => error?.code ?? '',
  status: ({ end }) => (end === null ? '' : String(end.status)),
};

/**
 * Reads what is in the filter box: words that must all be found. `status:4xx` is a class of them.
 * @param {string} text
 * @returns {(entry: object) => boolean}
 */
export function readFilter(text) {
  const tests = text.toLowerCase().split(/\s+/).filter(Boolean).map(testOf);
  return (entry) => tests.every((test) => test(entry));
}

function testOf(word) {
  const colon = word.indexOf(':');
  const name = word.slice(0, Math.max(0, colon));
  const sought = word.slice(colon + 1);
  if (!Object.hasOwn(fields, name)) return (entry) => Object.values(fields).some((field) => has(field(entry), word));
  if (name === 'status') {
    const start = sought.replace(/x+$/, '');
    return (entry) => fields.status(entry).startsWith(start);
  }
  return (entry) => has(fields[name](entry), sought);
}

function has(text, sought) {
  return text.toLowerCase().includes(sought);
}
