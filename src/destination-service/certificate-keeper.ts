import path from 'node:path';
import { readCertificates } from '../config/certificate-pem.ts';
import { readTrust } from '../config/key-store.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import { openCollection, type Put } from './collection.ts';
import { generateCertificate, isToBeGenerated, publicKey } from './generate-certificate.ts';
import type { GeneratedNote } from './notes.ts';
import { refusal } from './refusal.ts';
import { type Level, levels } from './shelf.ts';
import type { Store } from './store.ts';

/** What there is to certificates beyond being kept. */
export interface CertificateKeeper {
  /** Makes those that are asked for with `Attributes`; the others stay as they are. @throws AppError 400 */
  prepare(contents: readonly unknown[]): Promise<readonly unknown[]>;
  /** Notes of which of them were made here, when they have been kept. */
  settle(level: Level, contents: readonly unknown[], results: readonly Put[]): Promise<void>;
  /** The public part. @throws AppError 404, or 400 where a password is in the way */
  publicKeys(level: Level, name: string): Promise<readonly object[]>;
  /** Makes those anew that asked for it and soon end. */
  renew(): Promise<void>;
}

export function createCertificateKeeper(store: Store, now: () => number): CertificateKeeper {
  const keyOf = (level: Level, name: string) => `Certificates/${level}/${name}`;
  /** What is to be noted of what was made, once it is kept. */
  const made = new WeakMap<object, GeneratedNote>();
  const make = async (name: string, attributes: Readonly<Record<string, unknown>>) => {
    const { content, chain, renewAt } = await generateCertificate(name, attributes, now());
    const kept = Object.freeze({ Name: name, Type: 'CERTIFICATE', Content: content });
    made.set(kept, { attributes, renewAt, chain });
    return kept;
  };
  const settle = async (level: Level, contents: readonly unknown[], results: readonly Put[]) => {
    const noted = results.flatMap(({ name, etag }, index) => {
      const generated = made.get(contents[index] as object);
      return etag === undefined ? [] : [{ key: keyOf(level, name), generated }];
    });
    if (noted.length === 0) return;
    await store.notes.change((notes) => {
      for (const { key, generated } of noted) {
        const { generated: _, ...rest } = notes[key] ?? {};
        notes[key] = generated === undefined ? rest : { ...rest, generated };
      }
    });
  };
  return {
    prepare: (contents) =>
      Promise.all(
        contents.map((content) =>
          isToBeGenerated(content)
            ? make(String(content['Name'] ?? ''), content['Attributes'] as Record<string, unknown>)
            : content,
        ),
      ),
    settle,

    async publicKeys(level, name) {
      const { content } = await openCollection(store, 'Certificates', level).get(name);
      const generated = (await store.notes.get(keyOf(level, name)))?.generated;
      const alias = path.parse(name).name;
      if (generated !== undefined) return [publicKey(alias, [generated.chain])];
      const bytes = Buffer.from(String(content['Content']), 'base64');
      try {
        const chain = /\.(?:p12|pfx|jks|keystore)$/i.test(name)
          ? await readTrust(name, bytes, undefined)
          : readCertificates(bytes).map(String);
        return chain.map((one, index) => publicKey(chain.length > 1 ? `${alias}-${index + 1}` : alias, [one]));
      } catch (cause) {
        const locked = cause instanceof KeyStoreError && cause.fault === 'password';
        throw refusal(
          400,
          locked
            ? 'The keystore is password-protected and public keys cannot be retrieved'
            : 'The certificate cannot be read',
          cause,
        );
      }
    },

    async renew() {
      const notes = await store.notes.all();
      for (const level of levels)
        for (const { name } of await store.Certificates[level].list()) {
          const { generated } = notes[keyOf(level, name)] ?? {};
          if (generated?.renewAt === undefined || generated.renewAt > now()) continue;
          const kept = await make(name, generated.attributes);
          await settle(level, [kept], await openCollection(store, 'Certificates', level).put('replace', [kept]));
        }
    },
  };
}
