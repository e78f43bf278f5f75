import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Problems } from '../errors/config-error.ts';
import type { Binding } from './binding.ts';
import { isMissing, unreadable } from './read-text-file.ts';

/**
 * Bindings mounted as files: a folder each, a file a property; `type`, `name`, `tags` say what it is (servicebinding.io,
 * and the secrets of the SAP BTP service operator).
 * @param root SERVICE_BINDING_ROOT
 */
export function mountedBindings(root: string, problems: Problems): readonly Binding[] {
  return foldersIn(root, problems).map((folder) => readFolder(path.join(root, folder), folder, folder, problems));
}

/**
 * The same one level deeper: a folder a service, in it a folder an instance.
 * @param root `/etc/secrets/sapcp`, where SAP's libraries look on Kubernetes
 */
export function secretsByService(root: string, problems: Problems): readonly Binding[] {
  return foldersIn(root, problems).flatMap((service) =>
    foldersIn(path.join(root, service), problems).map((instance) =>
      readFolder(path.join(root, service, instance), service, instance, problems),
    ),
  );
}

function readFolder(folder: string, service: string, instance: string, problems: Problems): Binding {
  const properties = new Map<string, unknown>();
  const contained = containers(folder);
  for (const name of entriesOf(folder, problems)) {
    const text = readProperty(path.join(folder, name), problems);
    if (text === undefined) continue;
    const value = propertyOf(text);
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

function foldersIn(root: string, problems: Problems): string[] {
  return entriesOf(root, problems).filter((name) => {
    try {
      return statSync(path.join(root, name)).isDirectory();
    } catch (cause) {
      return tellUnreadable(path.join(root, name), cause, problems) ?? false;
    }
  });
}

/** Names in a folder; Kubernetes mounts beside the files a folder `..data` with the same once more. */
function entriesOf(folder: string, problems: Problems): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch (cause) {
    return tellUnreadable(folder, cause, problems) ?? [];
  }
}

/** Undefined: a folder, or nothing that could be read. */
function readProperty(file: string, problems: Problems): string | undefined {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
  } catch (cause) {
    return tellUnreadable(file, cause, problems);
  }
}

/** What is not there is not bound; what is there and cannot be read was meant to be. */
function tellUnreadable(file: string, cause: unknown, problems: Problems): undefined {
  if (!isMissing(cause)) problems.add(file, '', unreadable(cause));
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
