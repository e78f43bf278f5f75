/**
 * node's HTTP module by `require` instead of `import`: an import reads all of its exports, `WebSocket` among them, and
 * that loads a whole fetch implementation which nothing here uses: 5 MB and 15 ms of every start.
 */
export const {
  createServer,
  IncomingMessage,
  request,
  ServerResponse,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} = process.getBuiltinModule('node:http');
