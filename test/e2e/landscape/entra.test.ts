import { afterAll, beforeAll, describe } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { tellOfClientAssertions } from './entra-client-assertion-story.ts';
import { tellOfOnBehalfOf } from './entra-on-behalf-of-story.ts';
import { tellOfSignIn } from './entra-sign-in-story.ts';
import { tellOfTokenEndpoint } from './entra-token-endpoint-story.ts';
import { redirectUri } from './sign-in.ts';

/** One directory, started once; a story a file. */
let landscape: Landscape;
beforeAll(async () => {
  landscape = await startLandscape({ redirectUris: [redirectUri, 'http://localhost:5000/second'] });
});
afterAll(() => landscape.stop());

const running = () => landscape;
describe('at the token endpoint', () => tellOfTokenEndpoint(running));
describe('with a client assertion', () => tellOfClientAssertions(running));
describe('on behalf of a user', () => tellOfOnBehalfOf(running));
describe('in a browser', () => tellOfSignIn(running));
