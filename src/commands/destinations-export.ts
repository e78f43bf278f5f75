import { parseArgs } from 'node:util';
import { nameOf, readEntries } from '../destination-files/destinations-file.ts';
import { hideSecrets } from '../destination-files/hide-secrets.ts';
import type { Entry } from '../destination-files/parse-export.ts';
import { flatten } from '../destination-service/flat.ts';
import type { Run } from './command.ts';

/** The approuter's names of properties, and the Destination service's (destination-service.md section 7). */
const serviceNames: Readonly<Record<string, string>> = {
  forwardAuthToken: 'HTML5.ForwardAuthToken',
  forwardAuthCertificates: 'HTML5.ForwardAuthCertificates',
  timeout: 'HTML5.Timeout',
  setXForwardedHeaders: 'HTML5.SetXForwardedHeaders',
  preserveHostHeader: 'HTML5.PreserveHostHeader',
  IASDependencyName: 'HTML5.IASDependencyName',
  proxyType: 'ProxyType',
};

/**
 * `portunus destinations export`: destinations.json as a cockpit and the REST API take it, one object a destination, all
 * values texts, without secrets: references to variables stand where they were.
 */
export const run: Run = async ({ workingDirectory, args, write, tell }) => {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  const entries = await readEntries(workingDirectory);
  const names = entries.map(nameOf);
  const missing = positionals.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`destinations.json has no destination ${missing.join(', ')}`);
  const wanted = entries.filter((entry) => positionals.length === 0 || positionals.includes(nameOf(entry) ?? ''));
  const taken = new Set<string>();
  const exported = wanted.map((entry) => hideSecrets(inServiceFormat(entry), taken));
  write(
    `${JSON.stringify(
      exported.map(({ entry }) => entry),
      null,
      2,
    )}\n`,
  );
  for (const { variable, property, destination } of exported.flatMap(({ hidden }) => hidden))
    tell(`${property} of ${destination} was left out: \${env:${variable}} stands for it\n`);
  return 0;
};

function inServiceFormat(entry: Entry): Entry {
  const renamed = Object.entries(flatten(entry)).map(([key, value]) => [
    Object.hasOwn(serviceNames, key) ? (serviceNames[key] ?? key) : key,
    value,
  ]);
  return { Type: 'HTTP', ProxyType: 'Internet', Authentication: 'NoAuthentication', ...Object.fromEntries(renamed) };
}
