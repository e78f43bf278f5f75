import { BlockList, isIP } from 'node:net';
import type { Problems } from '../errors/config-error.ts';

/** Which peers may speak for the client: their forwarding headers are believed, everybody else's are overwritten. */
export type TrustedPeers = (address: string | undefined) => boolean;

const nobody: TrustedPeers = () => false;
const everybody: TrustedPeers = () => true;

/** Where an Istio ingress gateway or sidecar can be seen from inside a cluster: loopback and private ranges (RFC 1918, RFC 6598, RFC 4193). */
const clusterRanges = '127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7'.split(' ');

/**
 * @param setting `cloudfoundry`, `kyma`, `none`, or a list of CIDRs; undefined takes the platform's default
 * @param onCloudFoundry whether VCAP_APPLICATION is set: there the platform's router is the only way in (design section 3)
 */
export function trustedPeers(setting: string | undefined, onCloudFoundry: boolean, problems: Problems): TrustedPeers {
  const preset = setting?.trim().toLowerCase() ?? (onCloudFoundry ? 'cloudfoundry' : 'none');
  if (preset === 'none') return nobody;
  if (preset === 'cloudfoundry') return everybody;
  if (preset === 'kyma') return within(clusterRanges, problems);
  return within(preset.split(/[\s,]+/).filter(Boolean), problems);
}

function within(ranges: readonly string[], problems: Problems): TrustedPeers {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits, ...more] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const prefix = bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits);
    if (
      isIP(address) === 0 ||
      bits === '' ||
      more.length > 0 ||
      !Number.isInteger(prefix) ||
      prefix < 0 ||
      prefix > (family === 'ipv6' ? 128 : 32)
    ) {
      problems.add(
        'PORTUNUS_TRUSTED_PROXIES',
        '',
        `"${range}" is no address range; use cloudfoundry, kyma, none, or CIDRs such as 10.0.0.0/8`,
      );
      continue;
    }
    list.addSubnet(address, prefix, family);
  }
  const known = new Map<string, boolean>();
  const isWithin = (address: string): boolean => {
    const bare = address.startsWith('::ffff:') ? address.slice(7) : address;
    return list.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
  };
  return (address) => {
    if (address === undefined) return false;
    let answer = known.get(address);
    if (answer === undefined) {
      answer = isWithin(address);
      if (known.size < 1_000) known.set(address, answer); // gateways are few; clients may be many
    }
    return answer;
  };
}
