import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../../../../meta/field-path.ts'
import type { Pod, PodSpec } from '../../../../generated/core-v1.ts'
import { defaultPod } from '../defaults.ts'
import { prepareForCreate } from '../strategy.ts'
import { validateEphemeralContainersUpdate, validatePodStatusUpdate } from './subresources.ts'
import { validatePodUpdate } from './update.ts'

function aPod(spec: Partial<PodSpec> = {}, more: Partial<Pod> = {}): Pod {
  const pod: Pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...spec }, ...more }
  defaultPod(pod)
  prepareForCreate(pod)
  return { ...pod, ...more }
}
const texts = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message.split('\n')[0]}`)
const OTHER =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

describe('validatePodUpdate()', () => {
  const tolerations = [{ key: 'a', operator: 'Exists' as const }]
  const gated = { schedulingGates: [{ name: 'g' }] }
  const terms = (...values: string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: values.map((key) => ({ key, operator: 'Exists' as const })) }],
        },
      },
    },
  })
  const cases: [what: string, before: Partial<PodSpec>, after: Partial<PodSpec>, faults: readonly string[]][] = [
    ['nothing', {}, {}, []],
    ['an image', {}, { containers: [{ name: 'c', image: 'i:2', imagePullPolicy: 'IfNotPresent' }] }, []],
    [
      'an image away',
      {},
      { containers: [{ name: 'c', image: '', imagePullPolicy: 'IfNotPresent' }] },
      // Kubernetes judges the new spec whole, and then what may change.
      ['spec.containers[0].image: Required value', 'spec.containers[0].image: Required value'],
    ],
    [
      'its policy of relabelling to one that is off',
      { securityContext: { seLinuxChangePolicy: 'Recursive' } },
      { securityContext: { seLinuxChangePolicy: 'MountOption' } },
      [OTHER],
    ],
    [
      'a policy of relabelling that is off',
      {},
      { securityContext: { seLinuxChangePolicy: 'MountOption' } },
      [
        'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
        OTHER,
      ],
    ],
    [
      'a number of 64 bits',
      {},
      { activeDeadlineSeconds: 1, securityContext: { runAsUser: (2n ** 60n) as unknown as number } },
      [
        'spec.securityContext.runAsUser: Invalid value: 1152921504606846976: must be between 0 and 2147483647, inclusive',
        OTHER,
      ],
    ],
    [
      'the number of containers',
      {},
      {
        containers: [
          { name: 'c', image: 'i:1' },
          { name: 'd', image: 'i' },
        ],
      },
      ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
    ['a command', {}, { containers: [{ name: 'c', image: 'i:1', command: ['x'] }] }, [OTHER]],
    ['the node', {}, { nodeName: 'n' }, [OTHER]],
    ['a deadline from none', {}, { activeDeadlineSeconds: 10 }, []],
    ['a deadline down', { activeDeadlineSeconds: 10 }, { activeDeadlineSeconds: 5 }, []],
    [
      'a deadline up',
      { activeDeadlineSeconds: 10 },
      { activeDeadlineSeconds: 20 },
      ['spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value'],
    ],
    [
      'a deadline to none',
      { activeDeadlineSeconds: 10 },
      {},
      ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
    ],
    ['a toleration more', { tolerations }, { tolerations: [...tolerations, { key: 'b', operator: 'Exists' }] }, []],
    [
      'a toleration less',
      { tolerations },
      {},
      ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    ],
    [
      'how long it tolerates',
      { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }] },
      { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 9 }] },
      [],
    ],
    ['the grace period', {}, { terminationGracePeriodSeconds: 5 }, [OTHER]],
    ['a negative grace period to 1', { terminationGracePeriodSeconds: -5 }, { terminationGracePeriodSeconds: 1 }, []],
    ['a gate less', gated, {}, []],
    [
      'a gate more',
      {},
      gated,
      ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"],
    ],
    [
      'the node selector while gated',
      { ...gated, nodeSelector: { a: 'b' } },
      { ...gated, nodeSelector: { a: 'b', c: 'd' } },
      [],
    ],
    [
      'the node selector less while gated',
      { ...gated, nodeSelector: { a: 'b' } },
      gated,
      [
        'spec.nodeSelector: Invalid value: null: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ],
    ],
    ['the node selector when not gated', {}, { nodeSelector: { a: 'b' } }, [OTHER]],
    ['the affinity more while gated', { ...gated, ...terms('a') }, { ...gated, ...terms('a', 'b') }, []],
    ['the affinity from none while gated', gated, { ...gated, ...terms('a') }, []],
    [
      'the affinity otherwise while gated',
      { ...gated, ...terms('a') },
      { ...gated, ...terms('b') },
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)',
      ],
    ],
  ]
  for (const [what, before, after, faults] of cases) {
    test(`changes ${what}`, () => {
      expect(texts(validatePodUpdate(aPod(after), aPod(before), fieldPath()))).toEqual(faults)
    })
  }

  test('tells what was changed', () => {
    const [fault] = validatePodUpdate(aPod({ nodeName: 'n' }), aPod({ nodeName: 'm' }), fieldPath())
    expect(fault?.message.split('\n').slice(1)).toEqual(['- nodeName: "m"', '+ nodeName: "n"'])
  })
})

describe('subresources', () => {
  test('ephemeral containers are added and never taken away', () => {
    const debug = {
      name: 'd',
      image: 'i',
      terminationMessagePolicy: 'File' as const,
      imagePullPolicy: 'Always' as const,
    }
    const having = aPod({ ephemeralContainers: [debug] })
    expect(validateEphemeralContainersUpdate(having, aPod(), fieldPath())).toEqual([])
    expect(texts(validateEphemeralContainersUpdate(aPod(), having, fieldPath()))).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed',
    ])
  })

  test('what has ended stays ended', () => {
    const status = (state: object) => ({
      status: { containerStatuses: [{ name: 'c', ready: false, restartCount: 0, image: '', imageID: '', state }] },
    })
    const ended = aPod({ restartPolicy: 'Never' }, status({ terminated: { exitCode: 1 } }))
    const running = aPod({ restartPolicy: 'Never' }, status({ running: {} }))
    expect(texts(validatePodStatusUpdate(running, ended, fieldPath()))).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ])
    expect(validatePodStatusUpdate(ended, running, fieldPath())).toEqual([])
  })
})
