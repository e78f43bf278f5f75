import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { documentOf, documents } from '../world/documents.ts';

// The backend of a soak: documents, and every way a backend can be slow, endless or gone. PORT: where.
const pages = new Map(Object.values(documents).map(({ path, size }) => [path as string, documentOf(size)]));
const piece = Buffer.alloc(64 * 1024, 'soak ');

const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse, query: string) => void>> = {
  '/echo': (request, response) => {
    text(request).then(
      (body) => json(response, { bytes: body.length }),
      () => {},
    );
  },
  '/cookie': (_request, response) => {
    response.setHeader('set-cookie', `basket=${Date.now()}; Path=/`);
    json(response, {});
  },
  '/flood': (_request, response) => flood(response),
  '/events': (_request, response, query) => events(response, Number(query || Number.POSITIVE_INFINITY)),
  '/slow': (_request, response, query) => void setTimeout(() => json(response, {}), Number(query)),
  '/reset': (request) => void request.socket.destroy(),
  '/cut': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 1_000_000 });
    response.write(piece, () => request.socket.destroy());
  },
};

const server = createServer((request, response) => {
  request.on('error', () => {});
  response.on('error', () => {});
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const page = pages.get(path);
  if (page !== undefined) return void response.setHeader('content-type', 'application/json').end(page);
  const answer = answers[path];
  if (answer !== undefined) return answer(request, response, query);
  request.resume();
  json(response, { path });
});
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  sockets.handleUpgrade(request, socket, head, (open) => {
    open.on('error', () => {});
    open.on('message', (data, isBinary) => {
      if (request.url?.endsWith('?close')) open.close(1000, 'enough');
      else if (request.url?.endsWith('?reset')) open.terminate();
      else open.send(data, { binary: isBinary });
    });
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** As fast as it is taken, until the reader leaves. */
function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const pour = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', pour);
  pour();
}

function events(response: ServerResponse, count: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let told = 0;
  const ticking = setInterval(() => {
    response.write(`data: ${told}\n\n`);
    told += 1;
    if (told >= count) response.end();
  }, 30);
  response.on('close', () => clearInterval(ticking));
}
