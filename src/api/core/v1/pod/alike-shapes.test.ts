/** What Pods of one template take in memory. Alone in its file: how V8 copies depends on what it copied before. */

import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'

import { expect, test } from 'vitest'
import type { Pod, PodSpec } from '../../../generated/core-v1.ts'
import { rememberFine, shareSpec } from './alike.ts'

const FIRST = 'kube-api-access-abcde'

const SENT = JSON.stringify({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    volumes: [{ name: FIRST, projected: { sources: [{ serviceAccountToken: { path: 'token' } }], defaultMode: 420 } }],
    containers: [
      {
        name: 'app',
        image: 'app',
        resources: { requests: { cpu: '100m' } },
        volumeMounts: [{ name: FIRST, readOnly: true, mountPath: '/var/run/secrets' }],
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'Always',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    securityContext: {},
    schedulerName: 'default-scheduler',
    priority: 0,
    enableServiceLinks: true,
  },
})

test('Pods that are alike have the shapes of their specs in common: one of its own takes more memory than a spec', () => {
  setFlagsFromString('--allow-natives-syntax')
  const haveSameShape = runInThisContext('(one, other) => %HaveSameMap(one, other)') as (...of: unknown[]) => boolean
  rememberFine(JSON.parse(SENT) as Pod)
  const specs = Array.from({ length: 2_000 }, (_, i) => {
    const pod = JSON.parse(SENT.replaceAll(FIRST, `kube-api-access-${String(i).padStart(5, '0')}`)) as Pod
    shareSpec(pod)
    return pod.spec!
  })
  const partsOf = (spec: PodSpec) => [
    spec,
    spec.containers[0],
    spec.containers[0]!.volumeMounts?.[0],
    spec.volumes?.[0],
  ]
  const others = partsOf(specs.at(-2)!)
  for (const [at, part] of partsOf(specs.at(-1)!).entries()) expect(haveSameShape(part, others[at])).toBe(true)
})
