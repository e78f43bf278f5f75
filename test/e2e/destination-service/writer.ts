// A process that writes destinations without pause until it is killed: `node writer.ts DIR NAME COUNT`.
import { openCollection } from '../../../src/destination-service/collection.ts';
import { openStore } from '../../../src/destination-service/store.ts';

const [directory = '.', name = 'w', count = '1000000'] = process.argv.slice(2);
const collection = openCollection(openStore(directory), 'Destinations', 'subaccount');
process.stdout.write('ready\n');
for (let index = 0; index < Number(count); index++) {
  const written = { Name: `${name}-${index}`, Type: 'HTTP', URL: 'https://b.example', Description: 'x'.repeat(2_000) };
  const [result] = await collection.put('create', [written]);
  if (result?.status === 201) process.stdout.write(`${name}-${index}\n`);
  else process.stdout.write(`refused ${JSON.stringify(result)}\n`);
}
