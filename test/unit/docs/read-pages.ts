import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');

/** A page that a reader of the repository opens. */
export interface Page {
  /** Below the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The same without code, in which brackets are no links. */
  readonly prose: string;
}

const skipped = new Set(['node_modules', 'dist', 'coverage']);

/** Every Markdown page of the project. */
export function readPages(): readonly Page[] {
  return readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name) && !name.startsWith('.'))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(path.join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((below) =>
            path.join(entry.name, below),
          )
        : [entry.name],
    )
    .filter((file) => file.endsWith('.md'))
    .map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, '').replace(/`[^`\n]*`/g, '``');
      return { path: file.split(path.sep).join('/'), text, prose };
    });
}

/** Anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): readonly string[] {
  const seen = new Map<string, number>();
  const headings = text.replace(/^( *)```[\s\S]*?^\1```$/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = '']) => {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = shown.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
