/**
 * Makes an element. Text only ever becomes text: what a request says can be no markup.
 * @param {string} name
 * @param {Record<string, string | undefined>} attributes undefined ones are left out
 * @param {...(Node | string | undefined | null)} children
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  for (const child of children) if (child !== undefined && child !== null) element.append(child);
  return element;
}

/** Rows of names and values. */
export function makeFacts(facts) {
  return make(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(({ name, value }) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/** A number of milliseconds as people say it. */
export function tellDuration(milliseconds) {
  if (milliseconds === null) return 'under way';
  if (milliseconds >= 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
