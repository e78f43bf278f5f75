import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

// The least that forwards: no checks, no session, no rewriting. Only headers of the connection stay here, and a slow
// client makes the upstream wait, because without these two it would not be a proxy.
const { PORT, UPSTREAM = '' } = process.env;
const pool = new Pool(UPSTREAM, { connections: 100, pipelining: 1, allowH2: false });

createServer((request, response) => {
  const { method = 'GET', url = '/' } = request;
  let upstream: Dispatcher.DispatchController | undefined;
  response.on('drain', () => upstream?.resume());
  response.once('close', () => {
    if (!response.writableFinished) upstream?.abort(new Error('the client has left'));
  });
  pool.dispatch(
    {
      path: url,
      method: method as Dispatcher.HttpMethod,
      headers: passing(request.headers),
      body: method === 'GET' || method === 'HEAD' ? null : request,
    },
    {
      onRequestStart(controller) {
        upstream = controller;
      },
      onResponseStart(_controller, status, headers) {
        if (status >= 200) response.writeHead(status, passing(headers));
      },
      onResponseData(controller, chunk) {
        if (!response.write(chunk)) controller.pause();
      },
      onResponseEnd() {
        response.end();
      },
      onResponseError() {
        if (response.headersSent) response.destroy();
        else response.writeHead(502).end();
      },
    },
  );
}).listen(Number(PORT), '127.0.0.1');

function passing(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, host: ____, ...rest } = headers;
  return rest;
}
