import { originTest } from '../src/accept/origins.ts';
import type { House } from '../src/house.ts';
import type { Door } from './door.ts';

/** May this page frame us? Asked by user interface libraries against clickjacking, without login (xs-app.md 8.5). */
export function allowlistDoor(house: House, path: string): Door {
  const entries = house.config.settings.framingAllowlist;
  const allows = originTest(entries ?? []);
  return {
    path,
    methods: {
      GET(request, response) {
        const parent = new URL(request.arrival.url, 'http://allowlist').searchParams.get('parentOrigin');
        response.json({
          version: '1.0',
          active: entries !== undefined,
          origin: parent ?? 'null',
          framing: parent !== null && allows(parent),
        });
      },
    },
  };
}
