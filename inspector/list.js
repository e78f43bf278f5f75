import { make, tellDuration } from './make-element.js';
import { outcomeOf } from './tell-request.js';

const page = 10;

/**
 * The list of requests, newest first. It is one stop for the Tab key; arrows move within it.
 * @param {HTMLElement} box role listbox
 * @param {(number: number) => void} onChoose
 * @param {() => void} onEnter the reader wants to go to what is shown
 */
export function makeList(box, onChoose, onEnter) {
  const options = new Map();
  let chosen;

  const shown = () => [...box.children].filter((option) => !option.hidden);
  const choose = (option) => {
    if (option === undefined) return;
    chosen?.setAttribute('aria-selected', 'false');
    chosen = option;
    option.setAttribute('aria-selected', 'true');
    box.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
    onChoose(Number(option.dataset.number));
  };
  const moves = {
    ArrowDown: (list, at) => list[Math.min(list.length - 1, at + 1)],
    ArrowUp: (list, at) => list[Math.max(0, at - 1)],
    Home: (list) => list[0],
    End: (list) => list.at(-1),
    PageDown: (list, at) => list[Math.min(list.length - 1, at + page)],
    PageUp: (list, at) => list[Math.max(0, at - page)],
  };
  box.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && chosen) {
      event.preventDefault();
      return onEnter();
    }
    const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    if (move === undefined) return;
    event.preventDefault();
    const list = shown();
    choose(move(list, chosen === undefined ? -1 : list.indexOf(chosen)));
  });
  box.addEventListener('click', ({ target }) => choose(target.closest('[role=option]') ?? undefined));

  return {
    /** Adds requests, or shows what has become of them; those that fell out of the memory go. */
    update(entries, passes) {
      for (const entry of entries.values()) {
        let option = options.get(entry.number);
        if (option === undefined) {
          option = make('div', {
            role: 'option',
            class: 'request',
            id: `request-${entry.number}`,
            'aria-selected': 'false',
          });
          option.dataset.number = String(entry.number);
          options.set(entry.number, option);
          box.prepend(option);
        }
        if (option.entry !== entry) fill(option, entry);
        option.hidden = !passes(entry);
      }
      for (const [number, option] of options) {
        if (entries.has(number)) continue;
        option.remove();
        options.delete(number);
        if (option === chosen) {
          chosen = undefined;
          box.removeAttribute('aria-activedescendant');
        }
      }
      return shown().length;
    },
    choose: (number) => choose(options.get(number)),
  };
}

const words = { open: 'under way', fine: '', refused: 'refused', failed: 'failed' };

function fill(option, entry) {
  const { method, path, end, destination, route } = entry;
  const outcome = outcomeOf(entry);
  option.entry = entry;
  option.dataset.outcome = outcome;
  option.replaceChildren(
    make('span', { class: 'method' }, method),
    ' ',
    make('span', { class: 'path' }, path),
    ' ',
    make('span', { class: 'status' }, end === null ? '…' : String(end.status)),
    make('span', { class: 'unseen' }, ` ${words[outcome]} `),
    make('span', { class: 'where' }, destination ?? route?.name ?? 'no route'),
    ' ',
    make('span', { class: 'took' }, end === null ? '' : tellDuration(end.milliseconds)),
  );
}
