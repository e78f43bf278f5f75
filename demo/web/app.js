import { logOut } from './log-out.js';
import { makeElement } from './make-element.js';
import { makePanel } from './make-panel.js';
import { servicePanels, userPanel } from './panels.js';
import { loginLink } from './show-problem.js';

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {import('./panels.js').User} */
let user = {};

const made = [userPanel, ...servicePanels].map((panel) => {
  const { section, ask } = makePanel(panel, () => user, announce);
  const link = makeElement('a', { href: `#${section.id}` }, panel.title);
  part('index').append(makeElement('li', {}, link));
  part('panels').append(section);
  return ask;
});

/**
 * For those who do not see the panels change; and a session that is over is everybody's business.
 * @param {string} title
 * @param {import('./call.js').Answer} answer
 */
function announce(title, { ok, status, body }) {
  part('announcement').textContent = `${title}: ${ok ? 'answered' : `refused with ${status ?? 'no answer'}`}`;
  const login = status === 401 && loginLink(/** @type {{ loginUrl?: unknown }} */ (body).loginUrl);
  if (login) part('alert').replaceChildren(makeElement('p', {}, 'Your session has ended. ', login));
}

/** First who is there, for some requests depend on it; then everything else at once. */
async function askAll() {
  const [askUser, ...askServices] = made;
  const answer = await askUser?.();
  if (!answer?.ok) return;
  user = /** @type {import('./panels.js').User} */ (answer.body);
  part('user').hidden = false;
  part('user')
    .querySelector('strong')
    ?.replaceChildren([user.firstname, user.lastname].filter(Boolean).join(' ') || (user.name ?? ''));
  const answers = await Promise.all(askServices.map((ask) => ask()));
  const refused = answers.filter(({ ok }) => !ok).length;
  part('announcement').textContent = `${answers.length} services asked, ${refused} refused.`;
}

/** Goes to the panel that the address names; what came in above it meanwhile has moved it. */
function goToFragment() {
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

part('log-out').addEventListener('click', () => {
  logOut().catch((/** @type {Error} */ problem) =>
    part('alert').replaceChildren(`Logging out failed. ${problem.message}`),
  );
});
// Back after logging out: browsers show the page as it was, other people's data included.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

let scrolled = false;
for (const event of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
  addEventListener(event, () => (scrolled = true), { once: true, passive: true });
}
goToFragment();
void askAll().then(() => scrolled || goToFragment());
