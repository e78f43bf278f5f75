import { make, tellDuration } from './make-element.js';
import { stopsOf } from './tell-request.js';

const marks = { fine: '✓', refused: '!', failed: '✗', open: '…' };
const spoken = { fine: '', refused: ' (refused)', failed: ' (failed)', open: ' (under way)' };

/** The picture: a line of stops. */
export function showWay(entry) {
  const stops = stopsOf(entry).map(({ kind, label, name, note, outcome }) =>
    make(
      'li',
      { class: `stop ${kind}`, 'data-outcome': outcome },
      make('span', { class: 'mark', 'aria-hidden': 'true' }, marks[outcome]),
      make('span', { class: 'label' }, label, make('span', { class: 'unseen' }, `${spoken[outcome]}: `)),
      make('span', { class: 'name' }, name),
      note === undefined || note === '' ? undefined : make('span', { class: 'note' }, note),
    ),
  );
  return make('ol', { class: 'way' }, ...stops);
}

/** Where the time went: a bar for each step, on the scale of the whole request. */
export function showTimes({ steps, end }) {
  const whole = Math.max(
    end?.milliseconds ?? 0,
    ...steps.map(({ from, milliseconds }) => from + (milliseconds ?? 0)),
    0.1,
  );
  const rows = steps.map((step) => {
    const bar = make('span', { class: 'bar-of-time', 'data-outcome': step.outcome });
    bar.style.setProperty('--from', `${(step.from / whole) * 100}%`);
    bar.style.setProperty('--long', `${((step.milliseconds ?? whole - step.from) / whole) * 100}%`);
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, step.title),
      make('td', { class: 'number' }, tellDuration(step.from)),
      make('td', { class: 'number' }, tellDuration(step.milliseconds)),
      make('td', { class: 'track', 'aria-hidden': 'true' }, bar),
    );
  });
  const total = make(
    'tr',
    { class: 'total' },
    make('th', { scope: 'row' }, 'Whole request'),
    make('td', { class: 'number' }, tellDuration(0)),
    make('td', { class: 'number' }, tellDuration(end?.milliseconds ?? null)),
    make('td', { 'aria-hidden': 'true' }),
  );
  const heads = ['Step', 'Begins', 'Takes'].map((text) => make('th', { scope: 'col' }, text));
  return make(
    'div',
    { class: 'wide' },
    make(
      'table',
      { class: 'times' },
      make('caption', { class: 'unseen' }, 'Where the time went'),
      make('thead', {}, make('tr', {}, ...heads, make('td', { 'aria-hidden': 'true' }))),
      make('tbody', {}, ...rows, total),
    ),
  );
}
