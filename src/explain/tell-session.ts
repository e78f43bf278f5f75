import type { SessionExplanation } from './session-explanation.ts';
import { tellMinutes } from './tell-minutes.ts';

/** The explanation of sessions for people: a paragraph a question. */
export function tellSession({ outcome, clocks, logins, kept, doors, notes }: SessionExplanation): string {
  const paragraphs = [
    [`→ ${outcome}`],
    [
      'Clocks',
      ...clocks.map(
        ({ name, minutes, from, rule }) => `  ${name.padEnd(12)}  ${tellMinutes(minutes)} (${from}): ${rule}`,
      ),
    ],
    ...logins.map(({ provider, tokenMinutes, tokenLife, renewedAfter, why, stories }) => [
      `Login at ${provider}`,
      `  user's token  ${tellMinutes(tokenMinutes)} (${tokenLife})`,
      `  renewal       ${renewedAfter === undefined ? 'none' : `after ${tellMinutes(renewedAfter)}`}: ${why}`,
      ...stories.flatMap(({ who, events }) => [
        `  ${who}`,
        ...events.map((event) => `    after ${tellMinutes(event.minutes)}: ${event.what}`),
      ]),
    ]),
    ['Kept', `  ${kept.why}`],
    doors.length === 0 ? [] : ['Doors', ...doors.map(({ path, what }) => `  ${path}: ${what}`)],
    notes.length === 0 ? [] : ['Look at', ...notes.map((note) => `  ${note}`)],
  ];
  return `${paragraphs.flatMap((lines) => (lines.length === 0 ? [] : [lines.join('\n')])).join('\n\n')}\n`;
}
