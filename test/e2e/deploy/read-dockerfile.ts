import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** An instruction of a Dockerfile. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Stage {
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** deploy/docker/Dockerfile by its stages, comments and line ends with \ resolved. @throws Error at what is no instruction */
export function readDockerfile(): readonly Stage[] {
  const lines = readFileSync(path.join(root, 'deploy/docker/Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean);
  const stages: { from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name, rest = ''] = /^(FROM|WORKDIR|COPY|RUN|ENV|USER|EXPOSE|HEALTHCHECK|CMD) (.+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`Dockerfile: not understood: ${line}`);
    if (name === 'FROM') stages.push({ from: rest, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, rest });
  }
  return stages;
}

/** The words of CMD, or of the command of HEALTHCHECK. @throws Error when it is no exec form */
export function commandOf(stage: Stage, name: 'CMD' | 'HEALTHCHECK'): readonly string[] {
  const rest = stage.instructions.filter((one) => one.name === name).at(-1)?.rest ?? '';
  const words: unknown = JSON.parse(name === 'CMD' ? rest : rest.slice(rest.indexOf('CMD ') + 4));
  if (!Array.isArray(words)) throw new Error(`${name} is no exec form`);
  return words.map(String);
}
