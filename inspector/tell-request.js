/** What became of a request, as one word for style and reader. */
export function outcomeOf({ end, error }) {
  if (end === null) return 'open';
  if (end.status >= 500 || (error !== null && end.status >= 500)) return 'failed';
  if (end.status >= 400) return 'refused';
  return 'fine';
}

/** @returns `GET /graph/me: 502` */
export function headlineOf({ method, path, end }) {
  return `${method} ${path}: ${end === null ? 'under way' : end.status}`;
}

/** The stops on a request's way, in the order in which it passed them: kind, name, note, outcome. */
export function stopsOf(entry) {
  const { route, judgement, destination, steps, end, isUpgrade } = entry;
  const stops = [{ kind: 'client', label: isUpgrade ? 'WebSocket' : 'Client', name: entry.peer, outcome: 'fine' }];
  const add = (kind, label, name, note, outcome = 'fine') => stops.push({ kind, label, name, note, outcome });
  const of = (kind) => steps.filter((step) => step.kind === kind);
  for (const { result, outcome } of of('session').slice(-1)) add('session', 'Session', result, undefined, outcome);
  if (route === null) add('route', 'Route', 'none matched', undefined, 'failed');
  else
    add(
      'route',
      route.kind === 'door' ? 'Own door' : 'Route',
      route.name,
      route.kind === 'door' ? undefined : route.source,
    );
  if (judgement !== null) {
    const who = judgement.user ?? 'anonymous';
    const verdicts = { admitted: 'fine', 'needs-login': 'refused', refused: 'failed' };
    const reason = judgement.reason === null ? '' : ` (${judgement.reason})`;
    add('judgement', 'May they?', judgement.verdict.replace('-', ' ') + reason, who, verdicts[judgement.verdict]);
  }
  for (const { title, result, outcome } of of('provider')) add('token', 'Provider', title, result, outcome);
  if (destination !== null) {
    const credential = of('credential').at(-1);
    const how = credential?.facts.find(({ name }) => name === 'Authentication')?.value;
    add('destination', 'Destination', destination, how);
    const asked = of('token');
    for (const { title, result, outcome } of asked)
      add('token', 'Token', title.replace('Token request: ', ''), result, outcome);
    if (asked.length === 0 && credential) add('token', 'Credential', credential.result, undefined, credential.outcome);
  }
  for (const { kind, facts, result, outcome } of steps) {
    const bad = Number(result) >= 400 ? 'refused' : outcome;
    if (kind === 'csrf') add('token', 'CSRF token', result || 'under way', facts[0]?.value, outcome);
    if (kind === 'backend') add('backend', 'Backend', result || 'under way', facts[0]?.value, bad);
  }
  if (end !== null) add('answer', 'Answer', String(end.status), entry.error?.code, outcomeOf(entry));
  return stops;
}
