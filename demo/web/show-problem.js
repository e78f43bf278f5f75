import { makeElement } from './make-element.js';
import { facts } from './show-data.js';

/**
 * What went wrong and what to do: a problem document of the router (RFC 9457), or an error in a service's own words.
 * @param {import('./call.js').Answer} answer
 */
export function showProblem({ status, reason, body }) {
  const problem = typeof body === 'object' && body !== null ? /** @type {Record<string, any>} */ (body) : {};
  const title = [status, problem.title ?? reason].filter(Boolean).join(' ');
  const detail = problem.detail ?? wordsOf(problem.error) ?? (problem.loginUrl ? 'Your session has ended.' : undefined);
  const shown = makeElement('div', { class: 'problem' }, makeElement('h3', {}, title));
  if (detail) shown.append(makeElement('p', {}, detail));
  if (problem.hint) {
    shown.append(makeElement('p', { class: 'hint' }, makeElement('strong', {}, 'What to do: '), problem.hint));
  }
  const login = loginLink(problem.loginUrl);
  if (login) shown.append(makeElement('p', {}, login));
  shown.append(
    facts({
      'It said': problem.description,
      Code: [problem.code, problem.errorCode].filter(Boolean).join(' · '),
      'Request id': problem.requestId,
    }),
  );
  return shown;
}

/**
 * The way back in, to this very panel. A service can answer 401, too: its links lead nowhere.
 * @param {unknown} loginUrl
 */
export function loginLink(loginUrl) {
  if (typeof loginUrl !== 'string') return undefined;
  const url = URL.parse(loginUrl, location.href);
  if (url === null || url.origin !== location.origin) return undefined;
  return makeElement('a', { class: 'action', href: url.pathname + url.search + location.hash }, 'Log in again');
}

/** @param {unknown} error of Graph `{code, message}`, of OData v2 `{code, message: {value}}`, of OAuth text */
function wordsOf(error) {
  if (typeof error === 'string') return error;
  const { code, message } = /** @type {{ code?: string, message?: any }} */ (error ?? {});
  const words = [code, message?.value ?? message].filter((text) => typeof text === 'string');
  return words.length > 0 ? words.join(': ') : undefined;
}
