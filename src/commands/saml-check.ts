import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { expiryWarning } from '../config/certificate-expiry.ts';
import type { KeyPair } from '../config/key-store.ts';
import { type Run, UsageError } from './command.ts';
import { clockOf } from './doctor/clock-of.ts';
import { isFormat, outcomeOf, reports } from './doctor/report.ts';
import { Complaint, type Finding, ok, type Step, skipped, take } from './doctor/step.ts';
import { openDestinations } from './open-destinations.ts';
import { judgments } from './saml/judge-profile.ts';
import { openSaml, readClaims } from './saml/open-saml.ts';
import { compareRegistered } from './saml/registered.ts';

/** Milliseconds a step. */
const limit = 10_000;

/**
 * `portunus saml check DESTINATION`: whether the target will believe the assertions, as far as that is known here; what
 * SuccessFactors would refuse is told with why. Exit 1 when something would be.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: {
      user: { type: 'string' },
      registered: { type: 'string' },
      format: { type: 'string', default: 'table' },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('name one destination');
  const { format, registered } = values;
  if (!isFormat(format)) throw new UsageError(`--format must be one of ${Object.keys(reports).join(', ')}`);
  const claims = await readClaims(values.user, call);
  const file = registered === undefined ? undefined : path.resolve(call.workingDirectory, registered);
  const content = file === undefined ? undefined : await readFile(file);
  const open = await openDestinations(call);
  try {
    const found = await openSaml(open, call, name);
    const { destination, saml, says } = found;
    const pair = await saml.signingKey.current();
    const steps: Step[] = [
      await take('key', limit, () => judgeKey(pair, says('KeyStoreLocation'))),
      await take('certificate', limit, () => judgeAge(pair)),
      await take('registered', limit, () =>
        registered === undefined || content === undefined
          ? skipped('compare with what the target has: --registered FILE (certificate or thumbprint, in any form)')
          : compareRegistered(registered, content, pair),
      ),
    ];
    for (const { name: what, judge } of judgments(found, claims)) steps.push(await take(what, limit, judge));
    if ('tokenService' in destination)
      steps.push(await take('clock', limit, () => clockOf(destination.tokenService, limit)));
    const examination = { subject: name, steps };
    call.write(reports[format]([examination], isatty(1) && !call.variables['NO_COLOR']));
    return outcomeOf(examination) === 'failed' ? 1 : 0;
  } finally {
    await open.close();
  }
};

function judgeKey({ privateKey, certificate, location, commonName }: KeyPair, isOwn: boolean): Finding {
  if (!certificate.checkPrivateKey(privateKey))
    throw new Complaint(
      `the certificate in ${location} is not that of the key`,
      'Put the certificate made for this key there.',
    );
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const told = `RSA ${bits}, fits the certificate CN=${commonName} (${isOwn ? location : 'the default trust'})`;
  if (bits >= 2048) return ok(told);
  return { outcome: 'warning', told, cure: 'Take 2048 bits or more: portunus cert new.' };
}

function judgeAge({ certificate }: KeyPair): Finding {
  const now = Date.now();
  const { validFromDate, validToDate } = certificate;
  const warning = expiryWarning(certificate, now);
  const cure = 'Make a new one ("portunus cert new", or "portunus trust prepare"), and register it before it signs.';
  if (validToDate.getTime() <= now || validFromDate.getTime() > now)
    throw new Complaint(`${warning}: a target that looks at it refuses every assertion`, cure);
  if (warning !== undefined) return { outcome: 'warning', told: warning, cure };
  return ok(`valid until ${validToDate.toISOString().slice(0, 10)}`);
}
