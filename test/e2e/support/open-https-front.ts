import { request } from 'node:http';
import { createServer } from 'node:https';
import { close, listen } from '../../../demo/landscape/http/listen.ts';
import { issueCertificate } from '../../../demo/landscape/keys/certificate.ts';
import { makeRsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { atEnd } from '../../support/at-end.ts';

/** TLS in front of a router, as a load balancer ends it. @returns the port */
export async function openHttpsFront(routerPort: number): Promise<number> {
  const keys = await makeRsaKeyPair();
  const cert = issueCertificate({ use: 'server', commonName: 'localhost', keys });
  const server = createServer({ key: keys.privatePem, cert }, (asked, answered) => {
    const headers = { ...asked.headers, 'x-forwarded-proto': 'https' };
    const passed = request({ host: '127.0.0.1', port: routerPort, path: asked.url, method: asked.method, headers });
    passed.on('response', (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(answered);
    });
    passed.on('error', () => answered.destroy());
    asked.pipe(passed);
  });
  const port = await listen(server);
  atEnd(() => close(server));
  return port;
}
