/** Files of the working directory that configuration is read from. */
export const configurationFiles = [
  'xs-app.json',
  'default-env.json',
  'default-services.json',
  'destinations.json',
  'identity-providers.json',
] as const;
