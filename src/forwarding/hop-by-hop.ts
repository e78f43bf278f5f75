/**
 * Headers of one connection, never forwarded (RFC 9110 7.6.1; `public` and `keep-alive` by xs-app.md 8.1).
 * `te` is in the list; the one value that may pass is handled where requests are built.
 */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'public',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Value of the Connection header in a list of headers (name, value, name, value…), its lines joined (RFC 9110 5.3). */
export function connectionIn(raw: readonly string[]): string | undefined {
  let joined: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === 10 && name.toLowerCase() === 'connection')
      joined = joined === undefined ? raw[i + 1] : `${joined}, ${raw[i + 1]}`;
  }
  return joined;
}

/**
 * A test for headers that must not travel on, given what `Connection` names besides the list.
 * @param connection value of the Connection header, all of its lines joined by comma
 * @returns takes a header name in lower case
 */
export function hopByHopTest(connection: string | undefined): (name: string) => boolean {
  if (connection === undefined || plain.has(connection)) return isListed;
  const named = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
  return (name) => hopByHop.has(name) || named.has(name);
}

const isListed = (name: string) => hopByHop.has(name);

const plain: ReadonlySet<string> = new Set([
  'keep-alive',
  'close',
  'Keep-Alive',
  'Close',
  'Upgrade',
  'upgrade',
  'keep-alive, Upgrade',
]);
