import { createServer } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';

// As its documentation has it; connections are kept by an agent of its own.
const { PORT, UPSTREAM = '' } = process.env;
const proxy = createProxyMiddleware({ target: UPSTREAM, changeOrigin: true });
createServer((request, response) => {
  void proxy(request, response, () => response.writeHead(404).end());
}).listen(Number(PORT), '127.0.0.1');
