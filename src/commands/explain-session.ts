import { parseArgs } from 'node:util';
import { explainSession } from '../explain/explain-session.ts';
import { tellSession } from '../explain/tell-session.ts';
import { claimsOf } from './claims-of.ts';
import { type Run, UsageError } from './command.ts';
import { readToExplain } from './read-to-explain.ts';

/**
 * `portunus explain session`: which clock ends sessions and logins of this configuration, and when. Nothing is opened or
 * asked. Exit 0 when it was explained, 1 when the router would not start with this configuration.
 */
export const run: Run = async (call) => {
  const { values } = parseArgs({
    args: [...call.args],
    options: { as: { type: 'string' }, format: { type: 'string', default: 'text' } },
  });
  const { format } = values;
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is one of text, json, not "${format}"`);
  const claims = claimsOf(values.as, call);
  if (claims !== undefined && !(Number(claims['exp']) > Number(claims['iat'])))
    throw new UsageError(`--as: "${values.as}" tells no life: it needs exp and iat`);
  const { config, compiled, status } = await readToExplain(call);
  const explanation = explainSession(config, compiled, claims);
  call.write(format === 'json' ? `${JSON.stringify(explanation, null, 2)}\n` : tellSession(explanation));
  return status;
};
