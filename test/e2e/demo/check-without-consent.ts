import { checkDemo } from '../../../demo/check/check-demo.ts';
import { startDemo } from '../../../demo/start-demo.ts';

// What `demo/main.ts --check` does, with one thing different: nobody has consented to On-Behalf-Of any more.
const tell = (line: string) => void process.stdout.write(`${line}\n`);
const demo = await startDemo({ port: 0, logLevel: 'error', progress: tell });
demo.landscape.hooks.entra.setPolicy(({ grant }) => ({
  kind: grant === 'on_behalf_of' ? 'consent-missing' : 'allowed',
}));
process.exitCode = (await checkDemo(demo.url, tell)) ? 0 : 1;
await demo.stop();
