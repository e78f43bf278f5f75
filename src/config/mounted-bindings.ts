import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Binding } from './binding.ts';

/**
 * Bindings mounted as files: a folder each, a file a property; `type`, `name`, `tags` say what it is (servicebinding.io).
 * @param root SERVICE_BINDING_ROOT
 */
export function mountedBindings(root: string): readonly Binding[] {
  return foldersIn(root).map((folder) => {
    const properties = new Map<string, unknown>();
    for (const name of readdirSync(path.join(root, folder))) {
      const file = path.join(root, folder, name);
      // Kubernetes mounts beside the files a folder `..data` with the same once more.
      if (!name.startsWith('.') && statSync(file).isFile())
        properties.set(name, propertyOf(readFileSync(file, 'utf8')));
    }
    const label = String(properties.get('type') ?? folder);
    const tags = properties.get('tags');
    return {
      label,
      name: String(properties.get('instance_name') ?? properties.get('name') ?? folder),
      tags: Array.isArray(tags) ? tags.map(String) : [label],
      credentials: Object.fromEntries(properties),
    };
  });
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root).filter((name) => !name.startsWith('.') && statSync(path.join(root, name)).isDirectory());
  } catch {
    return [];
  }
}

/** A property's text, or what it is as JSON when it is an object or array. */
function propertyOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text.replace(/\r?\n$/, '');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
