import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Binding } from './binding.ts';

/**
 * Bindings mounted as files: a folder each, a file a property; `type`, `name`, `tags` say what it is (servicebinding.io,
 * and the secrets of the SAP BTP service operator).
 * @param root SERVICE_BINDING_ROOT
 */
export function mountedBindings(root: string): readonly Binding[] {
  return foldersIn(root).map((folder) => readFolder(path.join(root, folder), folder, folder));
}

/**
 * The same one level deeper: a folder a service, in it a folder an instance.
 * @param root `/etc/secrets/sapcp`, where SAP's libraries look on Kubernetes
 */
export function secretsByService(root: string): readonly Binding[] {
  return foldersIn(root).flatMap((service) =>
    foldersIn(path.join(root, service)).map((instance) =>
      readFolder(path.join(root, service, instance), service, instance),
    ),
  );
}

function readFolder(folder: string, service: string, instance: string): Binding {
  const properties = new Map<string, unknown>();
  const contained = containers(folder);
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    // Kubernetes mounts beside the files a folder `..data` with the same once more.
    if (name.startsWith('.') || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue;
    const value = propertyOf(readFileSync(file, 'utf8'));
    if (contained.has(name) && isObject(value)) for (const each of Object.entries(value)) properties.set(...each);
    else properties.set(name, value);
  }
  // A secret made with one root key: everything stands in one file.
  const [whole] = properties.values();
  const all = properties.size === 1 && isObject(whole) ? new Map(Object.entries(whole)) : properties;
  const label = String(all.get('type') ?? all.get('label') ?? service);
  const tags = all.get('tags');
  const plan = all.get('plan');
  return {
    label,
    name: String(all.get('instance_name') ?? all.get('name') ?? instance),
    ...(typeof plan === 'string' ? { plan } : {}),
    tags: Array.isArray(tags) ? tags.map(String) : [label],
    credentials: Object.fromEntries(all),
    at: folder,
  };
}

/** Files that hold several credentials as one JSON object, as `.metadata` says. */
function containers(folder: string): ReadonlySet<string> {
  try {
    const told = JSON.parse(readFileSync(path.join(folder, '.metadata'), 'utf8')) as {
      credentialProperties?: readonly { name: string; container?: boolean }[];
    };
    return new Set(told.credentialProperties?.filter(({ container }) => container === true).map(({ name }) => name));
  } catch {
    return new Set();
  }
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root).filter(
      (name) =>
        !name.startsWith('.') && statSync(path.join(root, name), { throwIfNoEntry: false })?.isDirectory() === true,
    );
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
