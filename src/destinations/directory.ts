import { AppError } from '../errors/app-error.ts';
import type { BoundService, Seeker } from './bound-service/bound-service.ts';
import type { Destination } from './destination.ts';
import type { Destinations } from './read-destinations.ts';

/** All sources of destinations as one, in the order of design section 3: the configuration, then the bound service. */
export interface Directory {
  /**
   * A value when it is at hand, a promise when the service must be asked.
   * @throws AppError ERR_DESTINATION_SERVICE (502, 503); 502, too, for one that is set aside
   */
  find(name: string, seeker: Seeker): Destination | undefined | Promise<Destination | undefined>;
  /** A destination that another one refers to. */
  related(name: string, of: Destination): Destination | undefined;
}

/**
 * @param configured read at start
 * @param service undefined: none is bound
 */
export function createDirectory(configured: Destinations, service: BoundService | undefined): Directory {
  return {
    find(name, seeker) {
      const found = configured.get(name);
      const unusable = found === undefined ? configured.setAside?.get(name) : undefined;
      if (unusable !== undefined) {
        // What no request may name is not there for it (T-70).
        if (!unusable.dynamic) return undefined;
        throw cannotBeUsed(name, unusable.why);
      }
      if (found !== undefined || service === undefined || !isServiceName(name)) return found;
      return service.find(name, seeker);
    },
    // What others wrote refers to what others wrote: our own tokens are not for their token services.
    related: (name, of) => (configured.get(of.name) === of ? configured.get(name) : service?.related(name, of)),
  };
}

function cannotBeUsed(name: string, why: string): AppError {
  const detail = `Destination ${name} cannot be used: ${why}.`;
  return new AppError({ code: 'ERR_DESTINATION_SERVICE', status: 502, detail, members: { destination: name } });
}

/** What can be one segment of the service's paths: no other one, and no step up. */
function isServiceName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  return name.length <= 200 && !/^\.*$|[\x00-\x1f\x7f]/.test(name) && name.isWellFormed();
}
