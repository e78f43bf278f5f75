import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { keyPairFromPem } from '../config/key-store-pem.ts';
import { tellCertificate } from './certificate-facts.ts';
import { type Run, UsageError } from './command.ts';
import { keyStoreName, placeKeyStore } from './place-key-store.ts';
import { readPassword } from './read-password.ts';

/**
 * `portunus cert from-successfactors FILE`: makes a key store of the pair that SuccessFactors generated, from the file as
 * it comes (token-flows.md E7), and prints the destination that uses it.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: {
      name: { type: 'string', default: 'successfactors' },
      password: { type: 'string' },
      env: { type: 'string' },
      out: { type: 'string', default: 'keystores' },
      force: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('name the file that SuccessFactors gave');
  const name = keyStoreName(values.name);
  const password = await readPassword(values.password, call);
  if (password === '') throw new UsageError('--password must not be empty');
  const pair = keyPairFromPem(file, await readFile(path.resolve(call.workingDirectory, file), 'utf8'), undefined);
  if (pair.privateKey.asymmetricKeyType !== 'rsa')
    throw new Error(
      `${file} has a key of type ${pair.privateKey.asymmetricKeyType}; SAML assertions are signed with RSA`,
    );
  const folder = path.resolve(call.workingDirectory, values.out);
  const envFile = values.env === undefined ? undefined : path.resolve(call.workingDirectory, values.env);
  const {
    files,
    variable,
    password: used,
    isMade,
  } = await placeKeyStore({
    name,
    folder,
    key: pair.pem.key,
    chain: pair.chain,
    password,
    envFile,
    withKeyFile: false,
    force: values.force,
  });
  // What is not to be copied goes beside: standard output is the destination.
  call.tell(`${folder}: ${files.join(', ')}\n${tellCertificate(pair.certificate, Date.now())}`);
  call.tell('SuccessFactors knows this certificate already: there is nothing to register.\n');
  if (envFile !== undefined) call.tell(`${envFile}: ${variable}; keep it out of version control.\n`);
  else if (isMade) call.tell(`The password, told this once:\n${variable}=${used}\n`);
  call.tell(`Delete ${file}: its key is not encrypted. For destinations.json:\n`);
  call.write(`${JSON.stringify(destinationOf(name, variable), null, 2)}\n`);
  return 0;
};

/** As docs/recipes/successfactors-generated-pair.md; the company's own values come from variables. */
function destinationOf(name: string, variable: string) {
  return {
    Name: 'successfactors',
    Type: 'HTTP',
    ProxyType: 'Internet',
    URL: `https://\${env:SF_API_HOST}/odata/v2`,
    Authentication: 'OAuth2SAMLBearerAssertion',
    tokenServiceURL: `https://\${env:SF_API_HOST}/oauth/token`,
    audience: 'www.successfactors.com',
    clientKey: `\${env:SF_API_KEY}`,
    apiKey: `\${env:SF_API_KEY}`,
    companyId: `\${env:SF_COMPANY_ID}`,
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    userIdSource: 'email',
    skipUserUuidInSAMLAttributes: 'true',
    KeyStoreLocation: `${name}.p12`,
    KeyStorePassword: `\${env:${variable}}`,
  };
}
