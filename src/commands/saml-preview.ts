import { parseArgs } from 'node:util';
import { signedAssertion } from '../tokens/saml/make-assertion.ts';
import { type Run, UsageError } from './command.ts';
import { openDestinations } from './open-destinations.ts';
import { indentXml } from './saml/indent-xml.ts';
import { openSaml, readClaims } from './saml/open-saml.ts';
import { type Origin, originsOf } from './saml/origins.ts';

/**
 * `portunus saml preview DESTINATION`: the assertion that the flow would send for a user, and where each value comes from.
 * Its signature is left out unless asked for: signed, it is a credential for ten minutes.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: { user: { type: 'string' }, signed: { type: 'boolean' }, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('name one destination');
  const claims = await readClaims(values.user, call);
  const open = await openDestinations(call);
  try {
    const found = await openSaml(open, call, name);
    const { destination, saml } = found;
    const { systemUser } = saml.nameId;
    if (systemUser === undefined && claims === undefined)
      throw new UsageError(`destination ${name} acts for a user: give their claims with --user FILE`);
    const { destinationName } = destination.userToken;
    if (destinationName !== undefined)
      call.tell(`The claims are those of the token that destination ${destinationName} gets for the user.\n`);
    // A fixed user has no claims, whoever is logged in.
    const used = systemUser === undefined ? claims : undefined;
    const xml = await signedAssertion(name, saml, used, Date.now());
    if (values.signed) {
      call.write(`${xml}\n`);
      call.tell('Signed: whoever has it can be the user there for ten minutes.\n');
      return 0;
    }
    const shown = indentXml(withoutSignature(xml));
    const origins = originsOf(found, used, await saml.signingKey.current());
    call.write(
      values.json ? `${JSON.stringify({ assertion: shown, origins }, null, 2)}\n` : `${shown}\n\n${table(origins)}`,
    );
    return 0;
  } finally {
    await open.close();
  }
};

function withoutSignature(xml: string): string {
  return xml.replace(/(<ds:SignatureValue>)[^<]*/, '$1…');
}

function table(origins: readonly Origin[]): string {
  const width = (key: 'field' | 'value') => Math.max(...origins.map((origin) => Math.min(origin[key].length, 60)));
  const [a, b] = [width('field'), width('value')];
  return origins.map(({ field, value, from }) => `${field.padEnd(a)}  ${value.padEnd(b)}  ← ${from}\n`).join('');
}
