import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../meta/field-path.ts'
import type { PodStatus } from '../../../../generated/core-v1.ts'
import { validatePodStatusUpdate } from './subresources.ts'

const pod = (status: object) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i' }], resourceClaims: [{ name: 'had' }] },
  status: status as PodStatus,
})

const cases: readonly [what: string, status: object, faults: readonly unknown[]][] = [
  ['what kubelets write', { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], conditions: [{ type: 'Ready' }] }, []],
  [
    'a condition of no type',
    { conditions: [{ type: 'a b' }] },
    [expect.stringMatching(/^status\.conditions\[0\]\.Type: /)],
  ],
  [
    'two addresses of a family',
    { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
    [
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'a node of two minds',
    { hostIP: '10.0.0.1', hostIPs: [{ ip: 'x' }] },
    [
      'status.hostIPs[0].ip: Invalid value: "x": must be equal to `hostIP`',
      'status.hostIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'a claim that the Pod does not have',
    { resourceClaimStatuses: [{ name: 'a' }] },
    [
      'status.resourceClaimStatuses[0].name: Invalid value: "a": must match the name of an entry in `spec.resourceClaims`',
    ],
  ],
  [
    'a claim twice',
    { resourceClaimStatuses: [{ name: 'had' }, { name: 'had' }] },
    ['status.resourceClaimStatuses[1].name: Duplicate value: "had"'],
  ],
  [
    'a generation below zero',
    { observedGeneration: -1 },
    ['status.observedGeneration: Invalid value: -1: must be a non-negative integer'],
  ],
]
for (const [what, status, faults] of cases) {
  test(`a status with ${what}`, () => {
    const texts = validatePodStatusUpdate(pod(status), pod({}), fieldPath()).map(
      ({ field, message }) => `${field}: ${message}`,
    )
    expect(texts).toEqual(faults)
  })
}
