import { request } from 'undici';
import type { Contestant } from '../peers/peer.ts';
import type { Document } from '../world/documents.ts';

/**
 * Asks once and looks closely: what is measured afterwards is this, many times.
 * @throws Error when the answer is not the document, or the backend was shown another credential
 */
export async function checkAnswer(
  { name, origin, cookies, credential }: Contestant,
  document: Document,
): Promise<void> {
  const answer = await request(origin + document.path, { headers: { cookie: cookies[0] ?? '' } });
  const { length } = await answer.body.text();
  const shown = answer.headers['x-credential'];
  if (answer.statusCode === 200 && length === document.size && shown === credential) return;
  throw new Error(
    `${name} answered ${document.path} with status ${answer.statusCode}, ${length} bytes, credential ${shown}; ` +
      `200, ${document.size}, ${credential} were expected`,
  );
}
