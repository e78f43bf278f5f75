import { parseArgs } from 'node:util';
import { serviceLine } from '../bind-service.ts';
import { nameOf } from '../destination-files/destinations-file.ts';
import { readService } from '../destination-files/read-service.ts';
import { tellProblem } from '../errors/config-error.ts';
import type { Run } from './command.ts';
import { openDestinations } from './open-destinations.ts';

/** What is shown of a destination: nothing that could be a secret. */
interface Row {
  readonly name: string;
  readonly authentication: string;
  readonly url: string;
  readonly source: string;
}

/** `portunus destinations list`: which destinations there are, and where they come from. Exit 1 when some cannot be used. */
export const run: Run = async (call) => {
  const { values } = parseArgs({
    args: [...call.args],
    options: { bound: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const open = await openDestinations(call);
  try {
    const rows: Row[] = open.configured.names.flatMap((name) => {
      const found = open.configured.get(name);
      return found
        ? [{ name, authentication: found.authentication, url: shownUrl(found.url.href), source: 'configuration' }]
        : [];
    });
    if (values.bound) {
      if (open.binding === undefined)
        throw new Error('no Destination service is bound: VCAP_SERVICES has no entry "destination"');
      const { destinations } = await readService(open.binding, serviceLine(open.connections), open.environment.get);
      for (const entry of destinations) {
        const name = nameOf(entry) ?? '';
        const hidden = rows.some((row) => row.name === name);
        const authentication = String(entry['Authentication'] ?? 'NoAuthentication');
        rows.push({
          name,
          authentication,
          url: shownUrl(String(entry['URL'] ?? '')),
          source: hidden ? 'service (hidden)' : 'service',
        });
      }
    }
    call.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
    const { list } = open.problems;
    for (const problem of list) call.tell(`${tellProblem(problem)}\n`);
    return list.length > 0 ? 1 : 0;
  } finally {
    await open.close();
  }
};

/** Without user, password and query, which may say too much. */
function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? '' : `${url.origin}${url.pathname}`;
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return 'There is no destination.\n';
  const lines = [{ name: 'NAME', authentication: 'AUTHENTICATION', url: 'URL', source: 'FROM' }, ...rows];
  const width = (key: keyof Row) => Math.max(...lines.map((line) => line[key].length));
  const [a, b, c] = [width('name'), width('authentication'), width('url')];
  return lines
    .map(
      ({ name, authentication, url, source }) =>
        `${name.padEnd(a)}  ${authentication.padEnd(b)}  ${url.padEnd(c)}  ${source}\n`,
    )
    .join('');
}
