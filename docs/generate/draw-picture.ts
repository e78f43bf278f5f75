/** A box with a title and lines below it. Units: pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly lines?: readonly string[];
  /** `house` is Portunus, `other` somebody else, `frame` stands around others. */
  readonly look?: 'house' | 'other' | 'frame';
}

/** An arrow through points, with a text beside its first stretch. */
export interface Arrow {
  readonly through: readonly (readonly [number, number])[];
  readonly text?: string;
  /** Where the text begins; default: above the middle of the first stretch. */
  readonly at?: readonly [number, number];
  readonly both?: boolean;
  readonly dashed?: boolean;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** For those who do not see it. */
  readonly told: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** Colors of the page that it stands on, light or dark: an SVG shown as an image follows the reader's preference. */
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .line, .label { font-size: 12px; fill: #59636e; }
  .house { fill: #ddf4ff; stroke: #0969da; }
  .other { fill: #f6f8fa; stroke: #8c959f; }
  .frame { fill: none; stroke: #8c959f; stroke-dasharray: 4 4; }
  .arrow { fill: none; stroke: #59636e; stroke-width: 1.5; }
  .dashed { stroke-dasharray: 5 4; }
  .head { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .line, .label { fill: #9198a1; }
    .house { fill: #12304f; stroke: #4493f8; }
    .other { fill: #212830; stroke: #656c76; }
    .frame { stroke: #656c76; }
    .arrow { stroke: #9198a1; }
    .head { fill: #9198a1; }
  }`;

/** SVG of a picture. */
export function drawPicture({ width, height, told, boxes, arrows }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="told">
<title id="told">${escapeXml(told)}</title>
<style>${style}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
${[...boxes.map(drawBox), ...arrows.map(drawArrow)].join('\n')}
</svg>
`;
}

function drawBox({ x, y, width, height, title, lines = [], look = 'other' }: Box): string {
  const centered = look !== 'frame';
  const top = centered ? y + height / 2 - lines.length * 8 + 5 : y + 20;
  const [at, anchor] = centered ? [x + width / 2, ' text-anchor="middle"'] : [x + 12, ''];
  const rows = lines.map(
    (line, i) => `<text class="line" x="${at}" y="${top + 17 * (i + 1)}"${anchor}>${escapeXml(line)}</text>`,
  );
  return [
    `<rect class="${look}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    `<text class="title" x="${at}" y="${top}"${anchor}>${escapeXml(title)}</text>`,
    ...rows,
  ].join('\n');
}

function drawArrow({ through, text, at, both = false, dashed = false }: Arrow): string {
  const [[x, y] = [0, 0], [x2, y2] = [0, 0]] = through;
  const d = through.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px} ${py}`).join(' ');
  const line = `<path class="arrow${dashed ? ' dashed' : ''}" d="${d}" marker-end="url(#head)"${both ? ' marker-start="url(#head)"' : ''}/>`;
  if (text === undefined) return line;
  const [tx, ty] = at ?? [(x + x2) / 2, (y + y2) / 2 - 6];
  return `${line}\n<text class="label" x="${tx}" y="${ty}"${at ? '' : ' text-anchor="middle"'}>${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
