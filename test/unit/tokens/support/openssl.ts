import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SelfSigned {
  readonly commonName?: string;
  readonly days?: number;
}

/** A working directory with `keystores/`, filled by the real openssl binary. */
export interface KeyStoreMaker {
  readonly workingDirectory: string;
  readonly directory: string;
  /** Runs openssl in `keystores/`. */
  openssl(...args: string[]): string;
  /** Writes `<name>.key.pem` and `<name>.crt.pem`: an RSA key and a self-signed certificate. */
  selfSigned(name: string, options?: SelfSigned): void;
  /** Packs those two into `<name>.p12`. */
  pack(name: string, password: string): void;
  /** Writes a file into `keystores/`. */
  write(name: string, content: string | Uint8Array): void;
  remove(): void;
}

export function makeKeyStores(): KeyStoreMaker {
  const workingDirectory = mkdtempSync(path.join(tmpdir(), 'portunus-keystores-'));
  const directory = path.join(workingDirectory, 'keystores');
  mkdirSync(directory);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    workingDirectory,
    directory,
    openssl,
    selfSigned(name, { commonName = name, days = 365 } = {}) {
      const subject = `/CN=${commonName.replaceAll('/', '\\/')}/O=Harbour`;
      const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      const output = ['-keyout', `${name}.key.pem`, '-out', `${name}.crt.pem`];
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        String(days),
        '-subj',
        subject,
        ...names,
        ...output,
      );
    },
    pack(name, password) {
      const pair = ['-inkey', `${name}.key.pem`, '-in', `${name}.crt.pem`];
      openssl('pkcs12', '-export', ...pair, '-out', `${name}.p12`, '-passout', `pass:${password}`);
    },
    write: (name, content) => writeFileSync(path.join(directory, name), content),
    remove: () => rmSync(workingDirectory, { recursive: true, force: true }),
  };
}
