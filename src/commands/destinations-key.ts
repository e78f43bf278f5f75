import { parseArgs } from 'node:util';
import { readEnvironment } from '../config/environment.ts';
import { openIdentity } from '../destination-service/identity.ts';
import { serviceKey, vcapServices } from '../destination-service/service-key.ts';
import { Problems } from '../errors/config-error.ts';
import type { Run } from './command.ts';
import { readPort } from './destinations-serve.ts';

/** `portunus destinations key`: what an application needs to call the service, its secret included. */
export const run: Run = async ({ workingDirectory, args, variables, write }) => {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string', short: 'p' }, vcap: { type: 'boolean' }, env: { type: 'boolean' } },
  });
  const origin = `http://localhost:${readPort(values.port)}`;
  // The file may be the very one that this is being written to, and empty so far; what is wrong with it, others tell.
  const environment = readEnvironment(workingDirectory, new Problems(), variables);
  const identity = await openIdentity(workingDirectory, environment);
  const services = vcapServices(identity, origin);
  const shown = values.env ? { VCAP_SERVICES: services } : values.vcap ? services : serviceKey(identity, origin);
  write(`${JSON.stringify(shown, null, values.vcap && !values.env ? 0 : 2)}\n`);
  return 0;
};
