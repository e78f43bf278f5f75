import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { type AnswerErrorOptions, createAnswerError } from '../../../src/errors/answer-error.ts';
import { AppError, type AppErrorOptions } from '../../../src/errors/app-error.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { type RecordingLog, recordingLog } from '../../support/recording-log.ts';

interface Asking {
  readonly method?: 'get' | 'head' | 'post';
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: Partial<AnswerErrorOptions>;
  /** What the handler did before it failed. */
  readonly before?: (response: express.Response) => void;
  readonly log?: RecordingLog;
}

/** The answer to a request whose handler fails so. */
async function answerTo(cause: unknown, asking: Asking = {}): Promise<supertest.Response> {
  const { method = 'get', headers = {}, options = {}, before, log = recordingLog() } = asking;
  const answerError = createAnswerError({ pages: new Map(), tellSource: false, log, ...options });
  const app = express();
  app.use((request, response) => {
    request.arrival = arrivalOf();
    request.id = 'request-0001';
    before?.(response);
    answerError(cause, request, response);
  });
  return supertest(app)[method]('/x').set(headers);
}

const error = (told: Partial<AppErrorOptions> = {}) => new AppError({ code: 'ERR_NOT_FOUND', status: 404, ...told });
const told = error({
  code: 'ERR_TOKEN_SERVICE',
  status: 502,
  detail: 'The token service refused <us>.',
  hint: 'Renew the certificate & try again.',
  members: { destination: 'graph', error: 'invalid_client' },
});

describe('one error, in the form that its reader understands (xs-app.md 8.7, RFC 9457)', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['a browser that navigates', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, /^text\/html/],
    ['a script that wants JSON', { accept: 'application/json' }, /^application\/problem\+json$/],
    ['a script that wants problems', { accept: 'application/problem+json' }, /^application\/problem\+json$/],
    ['an XMLHttpRequest', { 'x-requested-with': 'XMLHttpRequest', accept: '*/*' }, /^application\/problem\+json$/],
    ['fetch', { 'sec-fetch-mode': 'cors', accept: '*/*' }, /^application\/problem\+json$/],
    ['a browser’s navigation by its metadata', { 'sec-fetch-mode': 'navigate', accept: 'text/html' }, /^text\/html/],
  ])('%s', async (_, headers, type) => {
    expect((await answerTo(error(), { headers })).headers['content-type']).toMatch(type);
  });

  test.each([
    ['nobody who says', {}],
    ['curl', { accept: '*/*', 'user-agent': 'curl/8' }],
  ])('%s: the reason phrase, and no content type', async (_, headers) => {
    const answer = await answerTo(error(), { headers });
    expect(answer.text ?? answer.body.toString()).toBe('Not Found');
    expect(answer.headers['content-type']).toBeUndefined();
  });

  test('but where there is a reason worth telling, even curl gets it', async () => {
    const answer = await answerTo(told, { headers: { accept: '*/*' } });
    expect(JSON.parse(answer.text ?? answer.body.toString())).toMatchObject({ error: 'invalid_client' });
  });

  test('the problem document', async () => {
    const answer = await answerTo(told, { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text ?? answer.body.toString())).toEqual({
      type: 'about:blank',
      title: 'Bad Gateway',
      status: 502,
      code: 'ERR_TOKEN_SERVICE',
      detail: 'The token service refused <us>.',
      hint: 'Renew the certificate & try again.',
      destination: 'graph',
      error: 'invalid_client',
      requestId: 'request-0001',
    });
  });

  test('the page', async () => {
    const { text, headers } = await answerTo(told, { headers: { accept: 'text/html' } });
    expect(text).toContain('<h1>502 Bad Gateway</h1>');
    expect(text).toContain('<p>The token service refused &lt;us&gt;.</p>');
    expect(text).toContain('Renew the certificate &amp; try again.');
    expect(text).toContain('Request request-0001');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/);
  });

  test.each(['text/html', 'application/json', '*/*'])('HEAD has no body: %s', async (accept) => {
    const answer = await answerTo(told, { method: 'head', headers: { accept } });
    expect(answer.status).toBe(502);
    expect(answer.text ?? '').toBe('');
  });
});

describe('every error', () => {
  test.each(['text/html', 'application/json', '*/*'])(
    'is not cacheable, whatever was said before: %s',
    async (accept) => {
      const before = (response: express.Response) =>
        void response.set({ 'cache-control': 'public, max-age=60', etag: '"1"' });
      const { headers } = await answerTo(error(), { headers: { accept }, before });
      expect(headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
      expect(headers['etag']).toBeUndefined();
    },
  );

  test('says that it is ours, when asked to (8.9)', async () => {
    expect((await answerTo(error(), { options: { tellSource: true } })).headers['x-error-source']).toBe('gateway');
    expect((await answerTo(error())).headers['x-error-source']).toBeUndefined();
  });

  test('carries the headers it needs', async () => {
    const refused = error({ status: 403, headers: { 'x-csrf-token': 'Required' } });
    expect((await answerTo(refused)).headers['x-csrf-token']).toBe('Required');
  });

  test('405: Allow, and no body (3.3)', async () => {
    const answer = await answerTo(error({ status: 405, headers: { allow: 'GET, HEAD' } }), {
      headers: { accept: 'text/html' },
    });
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expect(answer.headers['content-length']).toBe('0');
  });

  test('after the answer has begun, cuts it short: nobody takes the half for the whole', async () => {
    const before = (response: express.Response) => void response.writeHead(200, { 'content-length': 10 }).write('half');
    await expect(answerTo(error(), { before })).rejects.toThrow();
  });

  test('is logged with the request’s id', async () => {
    const log = recordingLog();
    await answerTo(told, { log });
    expect(log.failures).toEqual([{ id: 'request-0001', error: told }]);
  });
});

describe('what is no error of ours', () => {
  const secret = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
  const defects: [string, unknown, number][] = [
    ['a defect', new TypeError(`cannot read ${secret}`), 500],
    ['a text', secret, 500],
    ['nothing', undefined, 500],
    ['null', null, 500],
    ['an error of express with a status', Object.assign(new Error(secret), { status: 413 }), 413],
    ['one that claims success', Object.assign(new Error(secret), { status: 200 }), 500],
    ['one that claims a server error of its own', Object.assign(new Error(secret), { status: 503 }), 500],
    ['one whose status is a text', Object.assign(new Error(secret), { status: '404' }), 500],
    ['one whose status is none', Object.assign(new Error(secret), { status: 4000 }), 500],
    ['an error of ours caused by one', error({ status: 502, cause: new Error(secret) }), 502],
  ];

  test.each(defects)('%s is answered without a word of its message', async (_, cause, status) => {
    for (const accept of ['text/html', 'application/json', '*/*']) {
      const answer = await answerTo(cause, { headers: { accept } });
      expect(answer.status).toBe(status);
      expect(`${JSON.stringify(answer.headers)}${answer.text ?? answer.body}`).not.toContain('eyJ');
    }
  });
});

describe('own error pages (8.7)', () => {
  const pages: AnswerErrorOptions['pages'] = new Map([
    [404, { kind: 'file', content: Buffer.from('<p>lost</p>'), extension: '.html', etag: 'W/"1"' }],
    [403, { kind: 'redirect', path: '/forbidden.html' }],
  ]);
  const options = { pages };

  test.each([
    ['.html', 'text/html; charset=utf-8'],
    ['.HTM', 'text/html; charset=utf-8'],
    ['.xhtml', 'application/xhtml+xml'],
    ['.json', 'application/json; charset=utf-8'],
    ['.txt', 'text/plain; charset=utf-8'],
    ['.svg', 'image/svg+xml'],
    ['.png', 'image/png'],
    ['.unknown', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('the type of a file that ends with "%s" is %s', async (extension, type) => {
    const page = { kind: 'file', content: Buffer.from('{}'), extension, etag: 'W/"1"' } as const;
    const answer = await answerTo(error(), { options: { pages: new Map([[404, page]]) } });
    expect(answer.headers['content-type']).toBe(type);
  });

  test('the file, with the error’s status', async () => {
    const answer = await answerTo(error(), { options });
    expect(answer.status).toBe(404);
    expect(answer.text).toBe('<p>lost</p>');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=0',
      etag: 'W/"1"',
    });
  });

  test('HEAD: without it', async () => {
    const answer = await answerTo(error(), { options, method: 'head' });
    expect(answer.status).toBe(404);
    expect(answer.headers['etag']).toBe('W/"1"');
    expect(answer.text ?? '').toBe('');
  });

  test('a redirect to a path', async () => {
    const answer = await answerTo(error({ status: 403 }), { options });
    expect(answer.status).toBe(302);
    expect(answer.headers['location']).toBe('/forbidden.html');
  });

  test.each([{ 'x-requested-with': 'XMLHttpRequest' }, { 'sec-fetch-mode': 'cors', accept: '*/*' }])(
    'for scripts that do not ask for JSON by name: %j',
    async (headers) => {
      const answer = await answerTo(error(), { options, headers: headers as Record<string, string> });
      expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    },
  );

  test('not for scripts that read problems', async () => {
    const answer = await answerTo(error(), { options, headers: { accept: 'application/json' } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('not for a status without a page', async () => {
    const answer = await answerTo(error({ status: 502 }), { options });
    expect(answer.text ?? answer.body.toString()).toBe('Bad Gateway');
  });
});
