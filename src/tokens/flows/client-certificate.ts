import type { DestinationOf } from '../../destinations/destination.ts';
import { noCredential } from '../credential.ts';
import type { LocalFlow } from '../flow.ts';

/** The certificate is in the destination's TLS settings, and shown by the connection (destination-service.md 2.5). */
export const clientCertificate: LocalFlow<DestinationOf<'ClientCertificateAuthentication'>> = {
  kind: 'local',
  show: () => noCredential,
};
