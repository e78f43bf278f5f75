import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Our version, of the package.json above, be it of the sources or of the package, which is published in its owner's scope. */
export function ownVersion(): string {
  for (let folder = import.meta.dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Package;
      if (name !== undefined && /^(?:@[^/]+\/)?portunus$/.test(name) && version !== undefined) return version;
    } catch {
      // not here
    }
  }
  return '0.0.0';
}

interface Package {
  readonly name?: string;
  readonly version?: string;
}
