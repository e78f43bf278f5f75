import { Agent, createServer } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';

// As its documentation has it, with connections kept: without an agent it opens a new one for each request.
const { PORT, UPSTREAM = '' } = process.env;
const proxy = createProxyMiddleware({
  target: UPSTREAM,
  changeOrigin: true,
  agent: new Agent({ keepAlive: true, maxSockets: 100 }),
});
createServer((request, response) => {
  void proxy(request, response, () => response.writeHead(404).end());
}).listen(Number(PORT), '127.0.0.1');
