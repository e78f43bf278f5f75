import type { RequestHandler } from 'express';
import { readBasicCredentials } from '../http/basic-credentials.ts';
import { readForm } from '../http/form.ts';
import { authenticateClient } from './client-authentication.ts';
import type { Directory } from './directory.ts';
import { EntraError } from './errors.ts';
import type { OpenIdProvider } from './op/provider.ts';
import { replay } from './op/replay.ts';

/** RFC 7009, which Entra itself lacks: for directories that are to behave as other providers do. The OP takes the token back. */
export function revocationEndpoint(directory: Directory, op: OpenIdProvider): RequestHandler {
  const answer = op.provider.callback();
  return async (request, response) => {
    const { fields } = readForm(request);
    const get = (name: string) => fields.get(name);
    const require = (name: string) => {
      const value = get(name);
      if (value === undefined) throw new EntraError(900144, { detail: `The parameter is named: '${name}'.` });
      return value;
    };
    const basic = readBasicCredentials(request.get('authorization'));
    const clientId = basic.kind === 'basic' ? basic.id : require('client_id');
    await authenticateClient({ grant: 'refresh_token', clientId, basic, get, require }, directory);
    const form = { client_id: clientId, client_secret: op.innerSecret, token: require('token') };
    await answer(replay(request, new URLSearchParams(form)), response);
  };
}
