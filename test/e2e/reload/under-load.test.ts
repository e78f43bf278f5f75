import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter } from '../support/open-router.ts';

const rounds = 20;

/** A router whose only route leads to the backend, below a prefix that tells which configuration served. */
async function openTurning(backend: Backend) {
  const router = await openRouter({
    xsApp: xsAppOf(0),
    files: {
      'destinations.json': [
        { Name: 'quay', Type: 'HTTP', URL: backend.origin, ProxyType: 'Internet', Authentication: 'NoAuthentication' },
      ],
    },
    env: { PORTUNUS_RELOAD: 'signal', XS_APP_LOG_LEVEL: 'silent' },
  });
  const file = path.join(router.house.config.workingDirectory, 'xs-app.json');
  return {
    router,
    write: (content: unknown) => writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content)),
  };
}

const xsAppOf = (round: number) => ({
  authenticationMethod: 'none',
  routes: [{ source: '^/(.*)$', target: `/round-${round}/$1`, destination: 'quay' }],
});

/** One request on a kept connection; undefined where it was answered 200 in full. */
function failureOf(agent: Agent, origin: string, target: string, body?: string): Promise<string | undefined> {
  return new Promise((told) => {
    const { port } = new URL(origin);
    const asking = request(
      { host: '127.0.0.1', port, path: target, agent, method: body === undefined ? 'GET' : 'POST' },
      (answer) => {
        answer.resume();
        answer.on('end', () => told(answer.statusCode === 200 ? undefined : `status ${answer.statusCode}`));
        answer.on('error', (cause) => told(cause.message));
      },
    );
    asking.on('error', (cause) => told(cause.message));
    asking.end(body);
  });
}

test('twenty changed configurations under constant load: no request fails, and each serves; then one that is no good', async () => {
  const backend = await openBackend();
  const { router, write } = await openTurning(backend);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  atEnd(() => agent.destroy());
  let stopped = false;
  let asked = 0;
  const failures: string[] = [];
  const askOn = async (body: string | undefined) => {
    while (!stopped) {
      asked += 1;
      const failure = await failureOf(agent, router.origin, `/cargo?n=${asked}`, body);
      if (failure !== undefined) failures.push(failure);
    }
  };
  const load = Array.from({ length: 8 }, (_, i) => askOn(i % 2 === 0 ? undefined : 'crate'));
  const served = (round: number) => backend.received.some(({ url }) => url.startsWith(`/round-${round}/`));
  for (let round = 1; round <= rounds; round++) {
    write(xsAppOf(round));
    expect(await router.reload?.()).toBe('taken');
    await expect.poll(() => served(round), { timeout: 10_000, interval: 5 }).toBe(true);
    const sofar = asked;
    await expect.poll(() => asked, { timeout: 10_000, interval: 5 }).toBeGreaterThan(sofar + 16);
  }
  write('{ "routes": [');
  expect(await router.reload?.()).toBe('refused');
  write({ authenticationMethod: 'none', routes: [{ source: '^/', destination: 'nowhere' }] });
  expect(await router.reload?.()).toBe('refused');
  const before = asked;
  await expect.poll(() => asked, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + 20);
  stopped = true;
  await Promise.all(load);
  expect(failures).toEqual([]);
  expect(backend.last().url).toMatch(new RegExp(`^/round-${rounds}/`));
});

test('a request in flight ends with the configuration that it began with', async () => {
  const backend = await openBackend();
  const { router, write } = await openTurning(backend);
  let finish: (() => void) | undefined;
  const arrived = new Promise<void>((came) => {
    backend.answerWith((_request, response) => {
      response.write('first ');
      finish = () => void response.end('last');
      came();
    });
  });
  const agent = new Agent();
  const slow = failureOf(agent, router.origin, '/slow');
  await arrived;
  backend.answerWith(undefined);
  for (let round = 1; round <= 3; round++) {
    write(xsAppOf(round));
    expect(await router.reload?.()).toBe('taken');
    expect(await failureOf(agent, router.origin, '/quick')).toBeUndefined();
    expect(backend.last().url).toBe(`/round-${round}/quick`);
  }
  finish?.();
  expect(await slow).toBeUndefined();
});
