import type { House } from '../src/house.ts';
import type { Door } from './door.ts';

/** Liveness: the process answers. Stands before the session, so that a probe never makes one. */
export const liveDoor: Door = {
  path: '/-/health/live',
  methods: { GET: (_request, response) => void response.json({ status: 'live' }) },
};

/** Readiness: this instance wants requests. Not while it drains, nor without its session store. */
export function readyDoor(house: House): Door {
  return {
    path: '/-/health/ready',
    methods: {
      GET(_request, response) {
        const status = house.readiness();
        response.status(status === 'ready' ? 200 : 503).json({ status });
      },
    },
  };
}
