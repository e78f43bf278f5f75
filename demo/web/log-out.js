/**
 * Ends the session here, then at the identity provider: the answer to the POST is the address to go on to.
 * @throws Error when the router refuses
 */
export async function logOut() {
  const token = await fetch('/logout', { headers: { 'x-csrf-token': 'fetch' }, cache: 'no-store' });
  const headers = { 'x-csrf-token': token.headers.get('x-csrf-token') ?? '' };
  const ended = await fetch('/logout', { method: 'POST', headers });
  if (!ended.ok) throw new Error(`The router answered ${ended.status}.`);
  const next = new URL(await ended.text(), location.href);
  if (!/^https?:$/.test(next.protocol)) throw new Error('The router named no address to go on to.');
  location.assign(next);
}
