import { makeElement } from './make-element.js';

/**
 * Names and values; what has no value is left out.
 * @param {Record<string, unknown>} values
 */
export function facts(values) {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return makeElement(
    'dl',
    { class: 'facts' },
    ...known.map(([name, value]) =>
      makeElement('div', {}, makeElement('dt', {}, name), makeElement('dd', {}, String(value))),
    ),
  );
}

/**
 * Somebody's card.
 * @param {unknown} name
 * @param {unknown} title
 * @param {Record<string, unknown>} values
 */
export function person(name, title, values) {
  if (typeof name !== 'string') return undefined;
  const initials = name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join('');
  return makeElement(
    'div',
    { class: 'person' },
    makeElement('span', { class: 'initials', 'aria-hidden': 'true' }, initials),
    makeElement('p', {}, makeElement('strong', {}, name), makeElement('span', { class: 'title' }, String(title ?? ''))),
    facts(values),
  );
}

/**
 * A table of some properties.
 * @param {unknown} rows
 * @param {Record<string, string>} columns heading → property
 */
export function table(rows, columns) {
  if (!Array.isArray(rows)) return undefined;
  const isNumber = (/** @type {string} */ property) => rows.every((row) => typeof row?.[property] === 'number');
  const headings = Object.entries(columns).map(([heading, property]) =>
    makeElement('th', { scope: 'col', class: isNumber(property) && 'number' }, heading),
  );
  const lines = rows.map((row) =>
    makeElement('tr', {}, ...Object.entries(columns).map(([heading, property]) => cell(heading, row?.[property]))),
  );
  return makeElement(
    'table',
    {},
    makeElement('thead', {}, makeElement('tr', {}, ...headings)),
    makeElement('tbody', {}, ...lines),
  );
}

/**
 * The heading goes along for narrow screens, where rows become cards.
 * @param {string} heading
 * @param {unknown} value
 */
function cell(heading, value) {
  const isNumber = typeof value === 'number';
  const text = isNumber ? value.toLocaleString() : String(value ?? '–');
  return makeElement('td', { 'data-heading': heading, class: isNumber && 'number' }, text);
}
