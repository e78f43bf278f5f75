import { tmpdir } from 'node:os';
import path from 'node:path';

/** For the environment of processes that tests start: what one of them has compiled, the next need not compile again. */
export const keepCompiled = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? path.join(tmpdir(), 'portunus-tests-compiled'),
};
