import { expect, test } from 'vitest'

import type { PodSandbox } from '../../cri/runtime.ts'
import { POD_UID, USER_NAMESPACE } from './identity.ts'
import { UserNamespaces } from './user-namespaces.ts'

const signal = new AbortController().signal

const runtimeWith = (...given: (readonly [uid: string, hostId: string])[]) => ({
  listPodSandboxes: async (): Promise<PodSandbox[]> =>
    given.map(([uid, hostId]) => ({
      id: uid,
      metadata: { name: uid, namespace: 'default', uid, attempt: 0 },
      state: 'SANDBOX_READY',
      createdAt: 0,
      labels: { [POD_UID]: uid },
      annotations: { [USER_NAMESPACE]: hostId },
    })),
})

test('gives every Pod a range of its own, and a Pod always the same', async () => {
  const ranges = new UserNamespaces(runtimeWith())
  const [a, b] = [await ranges.rangeOf('a', signal), await ranges.rangeOf('b', signal)]
  expect(a).toEqual({ hostId: 65_536, containerId: 0, length: 65_536 })
  expect(b.hostId).toBe(131_072)
  expect(await ranges.rangeOf('a', signal)).toEqual(a)
  ranges.release('a')
  expect((await ranges.rangeOf('c', signal)).hostId).toBe(a.hostId)
})

test('knows after a restart which ranges sandboxes have, and takes no nonsense for one', async () => {
  const ranges = new UserNamespaces(runtimeWith(['old', '65536'], ['odd', 'x'], ['root', '0']))
  expect((await ranges.rangeOf('new', signal)).hostId).toBe(131_072)
  expect((await ranges.rangeOf('old', signal)).hostId).toBe(65_536)
  expect((await ranges.rangeOf('root', signal)).hostId).toBe(196_608)
})
