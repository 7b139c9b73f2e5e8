import { BaseSequencer } from 'vitest/node'
import { defineConfig } from 'vitest/config'

/** What takes longest begins first, so that nothing long is left for the end. */
const LONGEST = [
  'observed/observed',
  'e2e/clients/kubectl',
  'faults/containers',
  'faults/crashes',
  'faults/server-crash',
  'e2e/kubelet-isolation',
  'e2e/kubelet-lifecycle',
  'e2e/kubelet-eviction',
].map((name) => `/test/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const place = (file: string) => {
      const found = LONGEST.findIndex((end) => file.endsWith(end))
      return found === -1 ? LONGEST.length : found
    }
    return files.toSorted((a, b) => place(a.moduleId) - place(b.moduleId) || a.moduleId.localeCompare(b.moduleId))
  }
}

/**
 * End-to-end tests: the built package, real kubectl, real containers. Needs root on Linux. Two files at a time: each has
 * clusters of its own, in a network of its own, and waits for them most of its time.
 */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/observed/**/*.test.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
