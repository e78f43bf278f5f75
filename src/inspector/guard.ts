import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config/loopback.ts';
import { AppError } from '../errors/app-error.ts';

/** What proxies add. One on this machine would pass strangers on as if they were here. */
const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * Lets pass who is at this machine, by a name of this machine, from a page of ours.
 *
 * The peer alone says too little: a page of the internet that had its own name resolved to 127.0.0.1 (DNS rebinding)
 * runs in a browser of this machine. Its requests carry its own name in Host. Other pages' scripts carry their origin,
 * and what CORS allows for routes must not open this.
 * @param isPage a page that is navigated to, and so may be linked from anywhere; it holds nothing by itself
 * @throws AppError ERR_FORBIDDEN
 */
export function refuseStrangers({ headers, socket }: IncomingMessage, scheme: string, isPage: boolean): void {
  const host = headers.host ?? '';
  if (!isHere(socket.remoteAddress)) throw refusal('Only a browser on the machine that it runs on may see it.');
  if (forwarding.some((name) => headers[name] !== undefined)) throw refusal('It is not shown through a proxy.');
  if (!isLoopback(URL.parse(`http://${host}`)?.hostname ?? ''))
    throw refusal('It is shown under localhost, 127.0.0.1 or [::1] only.');
  const { origin, 'sec-fetch-site': site, 'sec-fetch-dest': destination } = headers;
  if (origin !== undefined && origin !== `${scheme}://${host}`) throw refusal('Another site asked for it.');
  const isNavigation = isPage && destination === 'document';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation)
    throw refusal('Another site asked for it.');
}

function isHere(address: string | undefined): boolean {
  return address !== undefined && (address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address));
}

function refusal(detail: string): AppError {
  return new AppError({ code: 'ERR_FORBIDDEN', status: 403, detail: `The inspector is not for you: ${detail}` });
}
