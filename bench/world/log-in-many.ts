import { Agent } from 'undici';
import { documents } from './documents.ts';
import { logIn } from './log-in.ts';

/** Logins under way at a time. */
const atOnce = 16;

/** Logs in as many new users. @returns their Cookie headers */
export async function logInMany(origin: string, count: number): Promise<readonly string[]> {
  const agent = new Agent({ connections: atOnce });
  const cookies: string[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) cookies.push(await logIn(origin + documents.small.path, agent));
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
    return cookies;
  } finally {
    await agent.close();
  }
}
