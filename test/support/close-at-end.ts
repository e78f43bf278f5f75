import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll } from 'vitest';
import { closeAll } from './at-end.ts';

// Runs before each test file (`setupFiles`), so the hooks are those of that file.
const trusted = getCACertificates('default');
afterAll(async () => {
  await closeAll();
  // A router that trusts further CAs (XS_CACERT_PATH) does so for its whole process.
  if (getCACertificates('default') !== trusted) setDefaultCACertificates(trusted);
});
