import { fileURLToPath } from 'node:url';
import type { LandscapeUser } from './landscape/users.ts';

const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** What to read once the demo runs: where it is, who one can be, what to try. */
export function welcomeText(
  url: string,
  users: readonly LandscapeUser[],
  service: { readonly directory: string; readonly port: number },
): string {
  const width = Math.max(...users.map(({ displayName }) => displayName.length));
  const people = users.map(({ displayName, note }) => `  ${displayName.padEnd(width)}  ${note}`);
  return `
Portunus is at  ${url}
What it does    ${url}/-/inspector, live: each request's way, and what its tokens say

Choose at the sign-in page who you are; there are no passwords:
${people.join('\n')}

Try this:
  1. Open ${url} and sign in as ${users[0]?.displayName ?? 'anybody'}: each panel shows the way its request took.
  2. Log out and open ${url}/app/#panel-successfactors: the deep link survives the login, fragment and all.
  3. Sign in as somebody else and see how a refusal is explained.
  4. curl -i -H 'accept: application/json' ${url}/graph/me: a script gets 401 and is told where to log in.
  5. Read xs-app.json: the routes behind all this, ready for your own Entra ID and SuccessFactors.

The same destinations are served to your own applications by an embedded Destination service. Bind one to it with
  export VCAP_SERVICES=$(npm --prefix ${repository} run -s portunus -- destinations key --vcap --port ${service.port} -w ${service.directory})

Stop with Ctrl+C.
`;
}
