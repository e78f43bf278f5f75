import { headlineOf, stopsOf } from './tell-request.js';

const changes = { same: '', changed: 'changed', added: 'new', removed: 'gone' };

/** A request to be pasted into an issue. What the page has got holds no token, so neither does this. */
export function tellMarkdown(entry) {
  const { id, begunAt, error, nearMisses, steps, end } = entry;
  const lines = [`## ${headlineOf(entry)}`, '', `Request \`${id}\`, ${new Date(begunAt).toISOString()}`, ''];
  for (const { label, name, note, outcome } of stopsOf(entry))
    lines.push(
      `1. **${label}**: ${plain(name)}${note ? `, ${plain(note)}` : ''}${outcome === 'fine' ? '' : ` (${outcome})`}`,
    );
  if (error !== null) {
    lines.push('', `### ${error.code} (${error.status})`, '', plain(error.detail));
    if (error.cure !== '') lines.push('', `What to do: ${plain(error.cure)}`);
    if (error.members.length > 0)
      lines.push('', ...error.members.map(({ name, value }) => `- ${name}: ${plain(value)}`));
  }
  if (nearMisses.length > 0)
    lines.push(
      '',
      '### Routes that nearly took it',
      '',
      ...nearMisses.map(({ name, source, why }) => `- ${plain(name)} ${code(source)}: ${plain(why)}`),
    );
  lines.push('', '### Times', '', '| step | begins (ms) | takes (ms) | result |', '|---|---|---|---|');
  for (const { title, from, milliseconds, result } of steps)
    lines.push(`| ${cell(title)} | ${from} | ${milliseconds ?? 'under way'} | ${cell(result)} |`);
  if (end !== null) lines.push(`| whole request | 0 | ${end.milliseconds} | ${end.status} |`);
  for (const { title, hop, sent } of steps) {
    if (hop !== null) {
      lines.push(
        '',
        `### ${title}`,
        '',
        `| claim | ${cell(hop.before ?? '')} | ${cell(hop.after)} | |`,
        '|---|---|---|---|',
      );
      for (const { name, before, after, change } of hop.rows)
        lines.push(`| ${cell(name)} | ${code(before)} | ${code(after)} | ${changes[change]} |`);
    }
    for (const { xml, name } of sent)
      if (xml !== null) lines.push('', `SAML assertion in ${name}:`, '', '```xml', xml, '```');
  }
  return `${lines.join('\n')}\n`;
}

/** Text that becomes no markup of the issue. */
function plain(text) {
  return text.replace(/[\\`*_[\]<>#]/g, '\\$&').replace(/\s+/g, ' ');
}

function cell(text) {
  return plain(text).replaceAll('|', '\\|');
}

function code(value) {
  return value === null ? '' : `\`${value.replaceAll('`', '′').replaceAll('|', '\\|')}\``;
}
