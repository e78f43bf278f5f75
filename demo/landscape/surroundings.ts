import type { AdjustableClock } from './clock.ts';
import type { CallRecorder, ServiceName } from './http/calls.ts';
import type { LandscapeKeys } from './keys/make-keys.ts';
import type { CompleteOptions } from './landscape-options.ts';
import type { LandscapeUser } from './users.ts';

/** What every service finds when it opens: the time, the keys, the people, and where the others are. */
export interface Surroundings {
  readonly clock: AdjustableClock;
  readonly keys: LandscapeKeys;
  readonly users: readonly LandscapeUser[];
  readonly recorder: CallRecorder;
  readonly options: CompleteOptions;
  /** `http(s)://localhost:PORT`, by service. */
  readonly origins: Readonly<Record<ServiceName, string>>;
}
