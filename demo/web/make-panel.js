import { createClient } from '/-/client.js';
import { call } from './call.js';
import { makeElement } from './make-element.js';
import { showProblem } from './show-problem.js';

/** Logs in again by a window where the session has ended meanwhile; the panel then has its answer all the same. */
const client = createClient();

/**
 * Makes the section of a panel.
 * @param {import('./panels.js').Panel} panel
 * @param {() => import('./panels.js').User} user who is logged in, as far as known
 * @param {(title: string, answer: import('./call.js').Answer) => void} answered told of each answer
 * @returns {{ section: HTMLElement, ask: () => Promise<import('./call.js').Answer> }} `ask` sends the request
 */
export function makePanel(panel, user, answered) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById('panel'));
  const section = /** @type {HTMLElement} */ (
    /** @type {Element} */ (template.content.firstElementChild).cloneNode(true)
  );
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (section.querySelector(selector));
  section.id = `panel-${panel.id}`;
  part('h2').id = `title-${panel.id}`;
  section.setAttribute('aria-labelledby', `title-${panel.id}`);
  part('h2').replaceChildren(panel.title);
  part('.about').append(panel.about);
  part('.again').setAttribute('aria-describedby', `title-${panel.id}`);

  let [way] = panel.ways;
  const showWay = () => {
    part('.way').replaceChildren(...hopsOf(panel, way));
    part('.request').replaceChildren(`GET ${way.request(user())}`);
  };
  const ask = async (chosen = way, send = fetch) => {
    way = chosen;
    showWay();
    section.setAttribute('aria-busy', 'true');
    section.dataset.outcome = 'waiting';
    part('.status').replaceChildren('asking…');
    const answer = await call(way.request(user()), send);
    if (chosen !== way) return answer; // another way was chosen meanwhile, and its answer counts
    section.removeAttribute('aria-busy');
    section.dataset.outcome = answer.ok ? 'fine' : 'refused';
    part('.status').replaceChildren(statusOf(answer));
    part('.result').replaceChildren(answer.ok ? essenceOf(panel, answer) : showProblem(answer));
    part('pre').replaceChildren(JSON.stringify(answer.body, null, 2));
    part('details').hidden = false;
    answered(panel.title, answer);
    return answer;
  };

  showWay();
  part('.again').addEventListener('click', () => void ask(way, client.fetch));
  part('.variants').hidden = panel.ways.length === 1;
  part('legend').replaceChildren(panel.choice ?? '');
  part('.variants').append(
    ...panel.ways.map((each, index) => variant(panel.id, each, index === 0, () => void ask(each, client.fetch))),
  );
  return { section, ask };
}

/**
 * Nothing where a service answers something else than this panel knows: the raw answer is there to read.
 * @param {import('./panels.js').Panel} panel
 * @param {import('./call.js').Answer} answer
 */
function essenceOf({ show }, { body }) {
  return (typeof body === 'object' && body !== null && show(body)) || '';
}

/** @param {import('./call.js').Answer} answer */
function statusOf({ status, reason, ok, milliseconds }) {
  return `${ok ? '✓' : '✕'} ${[status, reason].filter(Boolean).join(' ')} · ${milliseconds} ms`;
}

/**
 * @param {import('./panels.js').Panel} panel
 * @param {import('./panels.js').Way} way
 */
function hopsOf({ service }, { route, destination, key }) {
  const hops = [
    ['you', 'Browser'],
    ['route', route],
    ['destination', destination],
    ['key', key],
    ['service', service],
  ];
  return hops
    .filter(([, name]) => name !== undefined)
    .map(([kind, name]) =>
      makeElement(
        'li',
        { class: `hop ${kind}` },
        makeElement('small', {}, `${kind} `),
        makeElement('span', { class: 'name' }, `${name}`),
      ),
    );
}

/**
 * @param {string} id
 * @param {import('./panels.js').Way} way
 * @param {boolean} checked
 * @param {() => void} chosen
 */
function variant(id, { label = '' }, checked, chosen) {
  const input = makeElement('input', { type: 'radio', name: `way-${id}`, checked });
  input.addEventListener('change', chosen);
  return makeElement('label', {}, input, makeElement('span', { class: 'choice' }, label));
}
