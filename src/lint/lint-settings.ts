import type { Finding } from './finding.ts';
import type { Linted } from './linted.ts';

/** Defaults that compatibility asks for, and that are better not relied on (xs-app.md 13.2 #2 and #3). */
export function lintSettings({ config: { xsApp }, loginIsOn }: Linted): readonly Finding[] {
  const { logout, cors = [] } = xsApp;
  const byGet: Finding = {
    rule: 'logout-by-get',
    level: 'note',
    at: 'xs-app.json/logout',
    message: 'any page can log people out by a link to it; set "logoutMethod": "POST"',
  };
  const credentials = cors.flatMap(({ allowedCredentials }, index): Finding[] =>
    allowedCredentials === undefined
      ? [
          {
            rule: 'cors-credentials',
            level: 'warning',
            at: `xs-app.json/cors/${index}`,
            message:
              'lets pages of these origins call with the cookies of the user, the default; say "allowedCredentials": true or false',
          },
        ]
      : [],
  );
  return [...(loginIsOn && logout !== undefined && logout.logoutMethod !== 'POST' ? [byGet] : []), ...credentials];
}
