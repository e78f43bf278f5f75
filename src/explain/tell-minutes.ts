const units: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** A time as people say it: `1 hour 30 minutes`; two units at most. */
export function tellMinutes(minutes: number): string {
  let rest = Math.max(1, Math.round(minutes * 60));
  // A day is what is worked in: 24 hours are told as such.
  const parts = (rest <= 86_400 ? units.slice(1) : units).flatMap(([seconds, name]) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return count === 0 ? [] : [`${count} ${name}${count === 1 ? '' : 's'}`];
  });
  return parts.slice(0, 2).join(' ');
}
