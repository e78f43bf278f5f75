import { make, makeFacts, tellDuration } from './make-element.js';
import { isAboutTokens, showTokenStep } from './show-tokens.js';
import { showTimes, showWay } from './show-way.js';
import { headlineOf, outcomeOf } from './tell-request.js';

/**
 * All that is known of one request.
 * @param {Record<'markdown' | 'json', () => void>} copy
 */
export function showRequest(entry, copy) {
  const { begunAt, id, judgement, error, nearMisses, steps, end } = entry;
  const tokens = steps.filter(isAboutTokens);
  const asked = tokens.some(({ kind, hop }) => kind === 'token' && hop !== null);
  return [
    make(
      'div',
      { class: 'headline' },
      make('h2', { id: 'detail-heading', tabindex: '-1', 'data-outcome': outcomeOf(entry) }, headlineOf(entry)),
      button('Copy as Markdown', copy.markdown),
      button('Copy as JSON', copy.json),
    ),
    make(
      'p',
      { class: 'summary' },
      `${new Date(begunAt).toLocaleTimeString()} · ${tellDuration(end?.milliseconds ?? null)}`,
      judgement?.user ? ` · ${judgement.user} (${judgement.provider})` : undefined,
      ' · request id ',
      make('code', {}, id),
    ),
    showWay(entry),
    error === null ? undefined : showError(error),
    nearMisses.length === 0 ? undefined : showNearMisses(nearMisses),
    make('section', {}, make('h3', {}, 'Where the time went'), showTimes(entry)),
    ...tokens
      .filter((step) => step.kind !== 'credential' || step.sent.length > 0 || !asked)
      .map((step) => showTokenStep(step, step.kind !== 'credential' || !asked)),
    judgement === null || judgement.scopes.length === 0
      ? undefined
      : make(
          'section',
          {},
          make('h3', {}, 'Scopes of the user'),
          make('p', {}, make('code', {}, judgement.scopes.join(' '))),
        ),
  ].filter((part) => part !== undefined);
}

function showError({ code, status, detail, cure, members }) {
  return make(
    'section',
    { class: 'error', 'aria-labelledby': 'error-heading' },
    make('h3', { id: 'error-heading' }, `What went wrong: ${code} (${status})`),
    detail === '' ? undefined : make('p', {}, detail),
    cure === '' ? undefined : make('p', { class: 'cure' }, make('strong', {}, 'What to do: '), cure),
    members.length === 0 ? undefined : makeFacts(members),
  );
}

function showNearMisses(nearMisses) {
  const items = nearMisses.map(({ name, source, why }) =>
    make('li', {}, make('strong', {}, name), ' ', make('code', {}, source), `: ${why}`),
  );
  return make(
    'section',
    { 'aria-labelledby': 'near-misses' },
    make('h3', { id: 'near-misses' }, 'Routes that nearly took it'),
    make('ul', { class: 'near' }, ...items),
  );
}

function button(text, onClick) {
  const element = make('button', { type: 'button' }, text);
  element.addEventListener('click', onClick);
  return element;
}
