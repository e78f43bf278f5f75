import proxy from '@fastify/http-proxy';
import { fastify } from 'fastify';

const { PORT, UPSTREAM = '' } = process.env;
const app = fastify();
await app.register(proxy, { upstream: UPSTREAM, undici: { connections: 100, pipelining: 1 } });
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
