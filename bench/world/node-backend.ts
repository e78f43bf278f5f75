import { createServer } from 'node:http';
import { documentOf, documents } from './documents.ts';

// The backend where no nginx is installed. Says which kind of credential it was shown, as the nginx one does.
const bodies = new Map<string | undefined, Buffer>(
  Object.values(documents).map(({ path, size }) => [path, Buffer.from(documentOf(size))]),
);
createServer((request, response) => {
  const body = bodies.get(request.url);
  const { authorization } = request.headers;
  response.writeHead(body === undefined ? 404 : 200, {
    'content-type': 'application/json',
    'content-length': body?.length ?? 0,
    'x-credential': authorization === undefined ? 'none' : authorization.startsWith('Bearer ') ? 'bearer' : 'other',
  });
  response.end(body);
}).listen(Number(process.env['PORT']), '127.0.0.1');
