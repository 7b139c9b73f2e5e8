import { defineConfig } from 'vitest/config'

/** Unit and contract tests: no root, no containers, no real time. */
export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'tools/**/*.test.ts',
      'test/controllers/**/*.test.ts',
      'test/scheduler/**/*.test.ts',
      'test/kubelet/**/*.test.ts',
    ],
    environment: 'node',
    // Files share what they import: most of their time was importing.
    isolate: false,
    testTimeout: 60_000,
    maxWorkers: 2,
  },
})
