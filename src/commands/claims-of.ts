import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Claims } from '../authorization/principal.ts';
import { jwtPart } from '../session/jwt-part.ts';
import { type CommandCall, UsageError } from './command.ts';

/** Claims of the user that `--as FILE` names: as JSON, or a token that holds them. @throws UsageError */
export function claimsOf(file: string | undefined, { workingDirectory }: CommandCall): Claims | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path.resolve(workingDirectory, file), 'utf8').trim();
  } catch (cause) {
    throw new UsageError(`--as: "${file}" cannot be read: ${(cause as NodeJS.ErrnoException).code}`);
  }
  const claims = jwtPart(text, 'claims') ?? parse(text);
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims))
    throw new UsageError(`--as: "${file}" must hold a JSON object of claims, or a token`);
  return claims as Claims;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
