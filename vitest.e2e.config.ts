import { defineConfig } from 'vitest/config'

/** End-to-end tests: the built package, real kubectl, real containers. Needs root on Linux. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/observed/**/*.test.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
})
