import type { House } from '../src/house.ts';
import type { Door } from './door.ts';

/** Liveness: the process answers. Stands before the session, so that a probe never makes one. */
export const liveDoor: Door = {
  path: '/-/health/live',
  methods: { GET: (_request, response) => void response.json({ status: 'live' }) },
};

/**
 * Readiness: this instance wants requests. Not while it drains, nor without its session store, nor at first, until its
 * identity providers were asked who they are: the first login is not the slow one.
 */
export function readyDoor(house: House): Door {
  return {
    path: '/-/health/ready',
    methods: {
      async GET(_request, response) {
        await house.preparation.soon();
        const status = house.readiness();
        response.status(status === 'ready' ? 200 : 503).json({ status });
      },
    },
  };
}
