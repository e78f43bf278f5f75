/** Files of the working directory that configuration is read from. */
export const configurationFiles = [
  'xs-app.json',
  'default-env.json',
  'default-services.json',
  'destinations.json',
  'identity-providers.json',
] as const;

/** Folder of the working directory that holds the files `KeyStoreLocation` names (design section 3). */
export const keyStoreFolder = 'keystores';

/**
 * Whether a path of the working directory is configuration: nobody is served it. File systems may take names in any case.
 * @param file relative to the working directory
 */
export function isConfiguration(file: string): boolean {
  const name = file.toLowerCase().replaceAll('\\', '/');
  return configurationFiles.some((own) => own === name) || name.startsWith(`${keyStoreFolder}/`);
}
