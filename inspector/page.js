import { readFilter } from './filter.js';
import { makeList } from './list.js';
import { showRequest } from './show-request.js';
import { tellMarkdown } from './tell-markdown.js';
import { headlineOf } from './tell-request.js';

/** Requests that are kept, as many as the router keeps. */
const most = 200;
const byId = (id) => document.getElementById(id);
const [detail, news, filter, pause, clear] = ['detail', 'news', 'filter', 'pause', 'clear'].map(byId);

/** By number. */
let entries = new Map();
let passes = () => true;
let chosen;
/** What there will be to show when the page goes on; undefined: it is not held. */
let held;

const list = makeList(byId('list'), choose, () => byId('detail-heading')?.focus());

function choose(number) {
  chosen = number;
  show();
  const entry = entries.get(number);
  if (entry) history.replaceState(null, '', `#${entry.id}`);
}

let shown;
function show() {
  const entry = entries.get(chosen);
  if (entry === undefined || entry === shown) return;
  const isSame = shown?.number === entry.number;
  shown = entry;
  const hadFocus = document.activeElement?.id === 'detail-heading';
  const opened = isSame ? [...detail.querySelectorAll('details')].map(({ open }) => open) : [];
  const copy = (tell) => () =>
    navigator.clipboard.writeText(tell(entry)).then(
      () => say('Copied.'),
      () => say('The browser does not let this page write to the clipboard.'),
    );
  detail.replaceChildren(
    ...showRequest(entry, { markdown: copy(tellMarkdown), json: copy((one) => JSON.stringify(one, null, 2)) }),
  );
  for (const [place, element] of detail.querySelectorAll('details').entries()) element.open = opened[place] ?? false;
  if (hadFocus) byId('detail-heading').focus();
}

function draw() {
  const count = list.update(entries, passes);
  byId('count').textContent = count === entries.size ? String(count) : `${count} of ${entries.size}`;
  byId('empty').hidden = entries.size > 0;
  byId('unmatched').hidden = entries.size === 0 || count > 0;
  if (chosen === undefined) chooseByAddress();
  else if (!entries.has(chosen)) forget();
  show();
}

/** A link to a request, as with the id that an error page names. */
function chooseByAddress() {
  const id = location.hash.slice(1);
  for (const entry of id === '' ? [] : entries.values()) if (entry.id === id) return list.choose(entry.number);
}

function forget() {
  chosen = undefined;
  shown = undefined;
  const hint = document.createElement('p');
  hint.className = 'empty';
  hint.textContent = 'Choose a request: its way is shown here, with what each token says.';
  detail.replaceChildren(hint);
}

function take({ reset, entries: changed }) {
  const into = held ?? entries;
  if (reset) into.clear();
  for (const entry of changed) into.set(entry.number, entry);
  const excess = [...into.keys()].sort((one, other) => one - other).slice(0, Math.max(0, into.size - most));
  for (const number of excess) into.delete(number);
  if (held !== undefined) return;
  draw();
  const last = changed.findLast(({ end }) => end !== null);
  if (last !== undefined) sayLater(headlineOf(last));
}

let saying;
/** What is said of many requests at once is the last one: a screen reader should not have to read them all. */
function sayLater(text) {
  clearTimeout(saying);
  saying = setTimeout(() => say(text), 800);
}

function say(text) {
  news.textContent = text;
}

filter.addEventListener('input', () => {
  passes = readFilter(filter.value);
  draw();
  say(`${byId('count').textContent} requests`);
});
pause.addEventListener('click', () => {
  const isHeld = held === undefined;
  if (!isHeld) entries = held;
  held = isHeld ? new Map(entries) : undefined;
  pause.setAttribute('aria-pressed', String(isHeld));
  say(isHeld ? 'Held: what comes now is shown when you go on.' : 'Live again.');
  draw();
});
clear.addEventListener('click', async () => {
  const { ok } = await fetch('/-/inspector/events', { method: 'DELETE' });
  say(ok ? 'All requests are forgotten.' : 'That did not work.');
});
addEventListener('hashchange', chooseByAddress);

const connection = byId('connection');
const connected = (state, text) => {
  connection.dataset.state = state;
  connection.textContent = text;
};
const stream = new EventSource('/-/inspector/events');
stream.addEventListener('entries', ({ data }) => take(JSON.parse(data)));
stream.addEventListener('open', () => connected('live', 'Live'));
stream.addEventListener('error', () => connected('lost', 'Not connected'));
