import { expect, test } from 'vitest'

import { seen } from './fixtures.ts'
import type { ObservedContainer } from './observed.ts'
import { pruneContainers, spareContainers } from './prune.ts'

/** Newest first, as they are observed. */
const LOOPING = [
  seen('app', 'running', { restarts: 3 }),
  seen('other', 'exited', { restarts: 2 }),
  seen('app', 'exited', { restarts: 2 }),
  seen('other', 'exited', { restarts: 1 }),
  seen('app', 'exited', { restarts: 1 }),
  seen('done', 'exited'),
  seen('app', 'exited'),
]

async function removedBy(prune: typeof pruneContainers, containers: readonly ObservedContainer[]) {
  const removed: string[] = []
  const deps = {
    runtime: { removeContainer: async (id: string) => void removed.push(id) },
    host: {
      logs: { rotated: async (path: string) => [`${path}.1`], delete: async () => {} },
      pods: { unlinkLog: async () => {} },
    },
  }
  await prune({ sandboxes: [], containers }, deps, new AbortController().signal)
  return removed
}

test('of every container the newest stays, and the newest that has ended', async () => {
  expect(await removedBy(pruneContainers, LOOPING)).toEqual(['other-1', 'app-1', 'app-0'])
})

test('where the disk is short only the newest stays: what has ended for good would be run again', async () => {
  expect(await removedBy(spareContainers, LOOPING)).toEqual(['app-2', 'other-1', 'app-1', 'app-0'])
})

test('a container that is about to start stays, and the one before it goes', async () => {
  const starting = [seen('app', 'created', { restarts: 2 }), seen('app', 'exited', { restarts: 1 })]
  expect(await removedBy(spareContainers, starting)).toEqual(['app-1'])
})
