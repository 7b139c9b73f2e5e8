import { expect, test } from 'vitest'

import type { Secret } from '../../api/generated/core-v1.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Image } from '../cri/runtime.ts'
import { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { aContainer, aPod } from './fixtures.ts'
import { PodImages } from './pod-images.ts'

test('pull Secrets are fetched once for all containers that start together, and those that are missing are told', async () => {
  const image: Image = { id: 'sha256:1', repoTags: [], repoDigests: [], size: 1, pinned: false }
  const told: string[] = []
  const asked: string[] = []
  const given: (readonly DeepReadonly<Secret>[])[] = []
  const images = new PodImages({
    clock: new ManualClock(),
    metrics: new KubeletMetrics(),
    puller: {
      ensure: async ({ secrets }) => {
        given.push(await secrets())
        return image
      },
    },
    secret: async ({ name }) => {
      asked.push(name)
      return name === 'here' ? { metadata: { name } } : undefined
    },
    tell: ({ reason, message }) => told.push(`${reason}: ${message}`),
  })
  const pod = aPod({ imagePullSecrets: [{ name: 'here' }, { name: 'gone' }, { name: 'lost' }, {}] })
  const { signal } = new AbortController()
  const starts = ['a', 'b'].map((name) => images.ofContainer(pod, { kind: 'app', spec: aContainer(name) }, signal))
  await Promise.all(starts)
  expect(asked).toEqual(['here', 'gone', 'lost'])
  expect(given).toEqual([[{ metadata: { name: 'here' } }], [{ metadata: { name: 'here' } }]])
  expect(told).toEqual([
    'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (gone, lost); attempting to pull the image may not succeed.',
  ])
})
