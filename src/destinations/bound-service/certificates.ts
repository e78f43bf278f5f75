import { type KeyStores, keyStoresFrom } from '../../config/key-store.ts';
import { KeyStoreError } from '../../config/key-store-error.ts';
import { type Found, isObject } from './found.ts';
import type { ServiceAnswer } from './service-answer.ts';

/** GETs a path of the service as the tenant that the destination is of. */
export type GetPath = (path: string) => Promise<ServiceAnswer>;

/**
 * The key stores of a destination of the service: those that came with it, else those of its level, else the other level.
 * Never those of this machine: whoever writes the destination would sign with our keys.
 */
export function serviceKeyStores({ certificates, level }: Found, get: GetPath): KeyStores {
  const levels = level === 'subaccount' ? (['subaccount', 'instance'] as const) : (['instance', 'subaccount'] as const);
  return keyStoresFrom(async (location) => {
    const brought = certificates.get(location);
    if (brought !== undefined) return decode(location, brought);
    for (const where of levels) {
      const { status, body } = await get(`/v1/${where}Certificates/${encodeURIComponent(location)}`);
      const content = status === 200 && isObject(body) ? (body['Content'] ?? body['content']) : undefined;
      if (typeof content === 'string') return decode(location, content);
    }
    throw new KeyStoreError('not-found', `${location} is not among the certificates of the Destination service`);
  });
}

/** Base64 of the file's bytes, also where the file is PEM text (destination-service.md section 5). */
function decode(location: string, content: string): Uint8Array {
  const text = content.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw new KeyStoreError('format', `${location} is not base64`);
  return Buffer.from(text, 'base64');
}
