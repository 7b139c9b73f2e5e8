import { expect, test } from 'vitest'

import { aSandbox, seen } from './fixtures.ts'
import { latestOf, PodObserver, previousOf } from './observed.ts'

/** A container as the runtime lists it, though its clock was set back after the first. */
const container = (restarts: number, createdAt: number) => ({
  ...seen('app', restarts === 1 ? 'running' : 'exited', { restarts, createdAt }),
  podSandboxId: `sandbox-${restarts}`,
  labels: {},
  annotations: {},
})

test('the newest is the one of the last attempt, whatever the clock said when it was made', async () => {
  const sandboxes = [0, 1].map((attempt) =>
    aSandbox({
      id: `sandbox-${attempt}`,
      metadata: { ...aSandbox().metadata, attempt },
      state: attempt === 1 ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAt: attempt === 1 ? 1_000 : 9_000,
    }),
  )
  const containers = [container(0, 9_100), container(1, 1_100)]
  const { signal } = new AbortController()
  const find = <T extends { readonly id: string }>(all: readonly T[], id: string) => {
    const found = all.find((one) => one.id === id)
    return found === undefined ? Promise.reject(new Error(id)) : Promise.resolve(found)
  }
  const observer = new PodObserver(
    {
      listPodSandboxes: () => Promise.resolve(sandboxes),
      listContainers: () => Promise.resolve(containers),
      podSandboxStatus: (id) => find(sandboxes, id),
      containerStatus: (id) => find(containers, id),
    },
    'u1',
  )
  const observed = await observer.observe(signal)
  expect(observed.sandboxes.map(({ id }) => id)).toEqual(['sandbox-1', 'sandbox-0'])
  expect([latestOf(observed, 'app')?.id, previousOf(observed, 'app')?.id]).toEqual(['app-1', 'app-0'])
})
