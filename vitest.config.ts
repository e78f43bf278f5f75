import { defineConfig } from 'vitest/config';

/**
 * Three suites: unit (pure, seconds), security (one attack a file), e2e (real servers, real OP, real browser).
 * e2e tests look at clocks and sockets of a machine that others may be using: one that fails is run once more.
 *
 * Files share a process, for most of the time would go into loading the same modules for each: a file leaves nothing
 * behind that another could notice (test/support/at-end.ts).
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    isolate: false,
    setupFiles: ['test/support/close-at-end.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/*.test.ts'],
          // Real keys are made here and there: a fraction of a second each, several on a busy machine.
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'security',
          include: ['test/security/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, retry: 1 },
      },
    ],
  },
});
