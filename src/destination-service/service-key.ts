import type { Identity } from './identity.ts';

/** The credentials of a service binding or service key (destination-service.md 1.1). Holds the secret. */
export function serviceKey(identity: Identity, origin: string): Readonly<Record<string, string>> {
  return {
    clientid: identity.clientId,
    clientsecret: identity.clientSecret,
    'credential-type': 'binding-secret',
    uri: origin,
    url: origin,
    uaadomain: new URL(origin).host,
    identityzone: identity.identityZone,
    tenantid: identity.subaccountId,
    tenantmode: 'dedicated',
    instanceid: identity.instanceId,
    xsappname: identity.xsappname,
    verificationkey: identity.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** The value of VCAP_SERVICES that binds an application to the service (6.5). Holds the secret. */
export function vcapServices(identity: Identity, origin: string): object {
  const binding = {
    label: 'destination',
    name: 'destination',
    instance_name: 'destination',
    plan: 'lite',
    tags: ['destination', 'conn', 'connsvc'],
    credentials: serviceKey(identity, origin),
  };
  return { destination: [binding] };
}
