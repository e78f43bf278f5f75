import express, { type Request, type RequestHandler, type Router } from 'express';
import { KeyStoreError } from '../config/key-store-error.ts';
import type { KeyPair } from '../config/key-store-pair.ts';
import type { DefaultTrust } from '../config/key-store-trust.ts';
import { refusal } from './refusal.ts';

/** Trust: metadata, the active and the passive pair, rotation (destination-service.md 3.5). */
export function serveTrust(trust: DefaultTrust, subaccountId: string): Router {
  const router = express.Router();
  const base = '/v1/saml2Metadata';
  const missing = (role: string) => refusal(404, `${role} for subaccount - ${subaccountId} does not exist`);
  const shown = (pair: KeyPair | undefined, role: string) => {
    if (pair === undefined) throw missing(role);
    return { certificate: pair.chain[0] };
  };

  router.get(base, async (_request, response) => {
    const metadata = await trust.metadata().catch(notThere(() => missing('Keypair')));
    response.json({ idpMetadata: Buffer.from(metadata).toString('base64') });
  });
  router.get(`${base}/certificate`, async (_request, response) => {
    response.json(shown((await trust.pairs()).active, 'Keypair'));
  });
  router.post(`${base}/certificate`, withoutBody, async (_request, response) => {
    response.json(shown(await trust.renew(), 'Keypair'));
  });
  router.get(`${base}/certificate/passive`, async (_request, response) => {
    response.json(shown((await trust.pairs()).passive, 'Passive Keypair'));
  });
  router.post(`${base}/certificate/passive`, withoutBody, async (_request, response) => {
    response.json(shown(await trust.prepare(), 'Passive Keypair'));
  });
  router.delete(`${base}/certificate/passive`, async (_request, response) => {
    shown((await trust.pairs()).passive, 'Passive Keypair');
    await trust.discard();
    response.status(200).end();
  });
  router.post(`${base}/rotateCertificate`, withoutBody, async (_request, response) => {
    const { active, passive } = await trust.rotate().catch(notThere(() => missing('Passive Keypair')));
    response.json({ activeCertificate: active?.chain[0] ?? null, passiveCertificate: passive?.chain[0] ?? null });
  });
  return router;
}

const withoutBody: RequestHandler = (request: Request, _response, next) => {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (length !== '0' || encoding !== undefined) throw refusal(400, 'Request body should be empty!');
  next();
};

function notThere(otherwise: () => Error): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof KeyStoreError && cause.fault === 'not-found' ? otherwise() : cause;
  };
}
