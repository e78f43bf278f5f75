/**
 * @typedef {object} Answer
 * @property {number | undefined} status undefined: nobody answered
 * @property {string} reason reason phrase, as far as the protocol has one
 * @property {boolean} ok
 * @property {number} milliseconds
 * @property {unknown} body parsed JSON, else text
 */

/**
 * Sends a GET request to the router; never rejects.
 * @param {string} path
 * @param {typeof fetch} send the client's, where a click is near: it may open a window to log in again
 * @returns {Promise<Answer>}
 */
export async function call(path, send = fetch) {
  const begun = performance.now();
  const milliseconds = () => Math.round(performance.now() - begun);
  try {
    const response = await send(path, { headers: { accept: 'application/json' }, cache: 'no-store' });
    const text = await response.text();
    const { status, statusText: reason, ok } = response;
    return { status, reason, ok, milliseconds: milliseconds(), body: parse(text) };
  } catch (cause) {
    const { loginUrl } = /** @type {{ loginUrl?: string }} */ (cause);
    if (loginUrl !== undefined) {
      const body = { title: 'Unauthorized', detail: 'Your session has ended.', loginUrl };
      return { status: 401, reason: 'Unauthorized', ok: false, milliseconds: milliseconds(), body };
    }
    const body = { title: 'No answer', detail: 'The router cannot be reached.', hint: 'Is it still running?' };
    return { status: undefined, reason: 'No answer', ok: false, milliseconds: milliseconds(), body };
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
