import { make, makeFacts } from './make-element.js';

const moments = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);
const changes = { same: '', changed: 'changed', added: 'new', removed: 'gone' };

/** A step that was about tokens: who was asked for what, what was sent, and what both tokens say side by side. */
export function showTokenStep(step, showsHop) {
  const { title, facts, result, outcome, sent, hop } = step;
  return make(
    'section',
    { class: 'token-step', 'data-outcome': outcome },
    make('h3', {}, title),
    makeFacts([...facts, { name: outcome === 'failed' ? 'Failed' : 'Result', value: result }]),
    hop === null || !showsHop ? undefined : showHop(hop, title),
    ...sent.filter(({ xml }) => xml !== null).map(({ xml, name }) => showAssertion(xml, name)),
    sent.length === 0 ? undefined : showForm(sent),
  );
}

/** Whether a step says more about tokens than its time. */
export function isAboutTokens({ kind, hop, sent }) {
  return kind === 'token' || hop !== null || sent.length > 0;
}

function showHop({ before, after, rows }, title) {
  const hasAfter = rows.some((row) => row.after !== null);
  const isPair = before !== null && hasAfter;
  const heads = ['Claim', before, hasAfter ? after : null, isPair ? 'Change' : null].filter((text) => text !== null);
  const table = make(
    'table',
    { class: 'claims' },
    make('caption', { class: 'unseen' }, `${title}: ${isPair ? 'claims side by side' : 'claims'}`),
    make('thead', {}, make('tr', {}, ...heads.map((text) => make('th', { scope: 'col' }, text)))),
    make('tbody', {}, ...rows.map((row) => claimRow(row, before !== null, hasAfter))),
  );
  const note = hasAfter ? null : make('p', { class: 'note' }, `${after}.`);
  return make('div', { class: 'wide' }, table, note);
}

function claimRow({ name, before, after, change, matters }, hasBefore, hasAfter) {
  return make(
    'tr',
    { 'data-change': change, 'data-matters': matters ? 'yes' : undefined },
    make('th', { scope: 'row' }, name),
    hasBefore ? valueCell(name, before) : null,
    hasAfter ? valueCell(name, after) : null,
    hasBefore && hasAfter ? make('td', { class: 'change' }, changes[change]) : null,
  );
}

function valueCell(name, value) {
  if (value === null) return make('td', { class: 'nothing' }, make('span', { 'aria-label': 'not there' }, '–'));
  return make(
    'td',
    {},
    make('code', {}, value),
    moments.has(name) ? make('span', { class: 'moment' }, tellMoment(value)) : undefined,
  );
}

/** Seconds since the epoch as a clock shows it, and from now. */
function tellMoment(value) {
  const at = Number(value) * 1000;
  if (!Number.isFinite(at) || at <= 0 || at > 8e15) return '';
  const minutes = Math.round((at - Date.now()) / 60_000);
  const far = minutes === 0 ? 'now' : minutes > 0 ? `in ${minutes} min` : `${-minutes} min ago`;
  return ` ${new Date(at).toLocaleTimeString()} (${far})`;
}

function showAssertion(xml, name) {
  return make(
    'div',
    {},
    make('h4', {}, 'SAML assertion'),
    make('pre', { class: 'xml', tabindex: '0', role: 'region', 'aria-label': `SAML assertion in ${name}` }, xml),
  );
}

function showForm(sent) {
  const rows = sent.map(({ name, value, claims }) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, name),
      make(
        'td',
        {},
        make('code', {}, value),
        claims.length === 0
          ? undefined
          : make(
              'dl',
              { class: 'facts inner' },
              ...claims.flatMap(({ name: claim, after }) => [
                make('dt', {}, claim),
                make('dd', {}, make('code', {}, after ?? '')),
              ]),
            ),
      ),
    ),
  );
  return make(
    'details',
    {},
    make('summary', {}, 'What was sent'),
    make(
      'table',
      { class: 'form' },
      make('caption', { class: 'unseen' }, 'Fields of the form'),
      make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'Field'), make('th', { scope: 'col' }, 'Value'))),
      make('tbody', {}, ...rows),
    ),
  );
}
