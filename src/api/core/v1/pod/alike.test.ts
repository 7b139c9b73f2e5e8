/** That Pods like one that was found to be fine are judged as if each were the first. */

import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../../../meta/field-path.ts'
import { knownText, textOf } from '../../../../wire/json/known-text.ts'
import type { Pod } from '../../../generated/core-v1.ts'
import { isLikeFine, isQuiet, shareSpec } from './alike.ts'
import { defaultPod } from './defaults.ts'
import { validatePod } from './validate.ts'
import { podWarnings } from './warnings.ts'

interface Wish {
  readonly name?: string
  readonly token?: string
  readonly mount?: string
  readonly annotations?: Record<string, string>
  readonly change?: (pod: Pod) => void
}

/** A Pod as admission leaves it, with a volume for its token. */
function pod({ name = 'web-1', token = 'kube-api-access-abcde', mount = token, annotations, change }: Wish = {}): Pod {
  const made: Pod = {
    metadata: { name, namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      serviceAccountName: 'default',
      containers: [{ name: 'app', image: 'app', volumeMounts: [{ name: mount, mountPath: '/var/run/secrets' }] }],
      volumes: [{ name: token, projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    },
  }
  change?.(made)
  defaultPod(made)
  return made
}

const COST = 'controller.kubernetes.io/pod-deletion-cost'

const faultsOf = (judged: Pod) => validatePod(judged, fieldPath()).map(({ field }) => field)

describe('a Pod like one that was fine', () => {
  test('is fine, whatever it and the volume for its token are called', () => {
    expect(faultsOf(pod())).toEqual([])
    expect(isLikeFine(pod({ name: 'web-2', token: 'kube-api-access-zzzzz' }))).toBe(true)
    expect(faultsOf(pod({ name: 'web-2', token: 'kube-api-access-zzzzz' }))).toEqual([])
  })

  test.each<[string, Wish, string]>([
    ['mounts another volume', { mount: 'kube-api-access-other' }, 'spec.containers[0].volumeMounts[0].name'],
    ['has a volume that no name can be', { token: '\0' }, 'spec.volumes[0].name'],
    [
      'mounts what a volume like its own was called',
      { mount: 'kube-api-access-abcde', token: 'kube-api-access-zzzzz' },
      'spec.containers[0].volumeMounts[0].name',
    ],
    ['has an annotation that is none', { annotations: { [COST]: 'much' } }, `metadata.annotations[${COST}]`],
    [
      'has a fault of its own',
      { change: ({ spec }) => Object.assign(spec!, { restartPolicy: 'No' }) },
      'spec.restartPolicy',
    ],
  ])('but %s is judged', (_, wish, fault) => {
    expect(faultsOf(pod())).toEqual([])
    const other = pod(wish)
    expect(isLikeFine(other)).toBe(false)
    expect(faultsOf(other)).toContain(fault)
  })

  test('is judged when the name of its volume is a key as well', () => {
    const change = ({ spec }: Pod) => Object.assign(spec!, { nodeSelector: { 'kube-api-access-abcde': 'yes' } })
    expect(faultsOf(pod({ change }))).toEqual([])
    expect(isLikeFine(pod({ change, token: 'kube-api-access-zzzzz' }))).toBe(false)
  })

  test('is judged when the claims of its volumes are called after it', () => {
    const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } }
    const change = ({ spec: { volumes } = { containers: [] } }: Pod) =>
      volumes?.push({ name: 'data', ephemeral: { volumeClaimTemplate: { spec } } })
    expect(faultsOf(pod({ change }))).toEqual([])
    expect(faultsOf(pod({ name: `${'a'.repeat(250)}`, change }))).toContain('spec.volumes[1].name')
  })

  test('gets a frozen spec that says the same, of shared parts, with its JSON', () => {
    expect(faultsOf(pod())).toEqual([])
    const [one, other] = ['kube-api-access-yyyyy', 'kube-api-access-zzzzz'].map((token) => {
      const like = pod({ name: 'web-2', token })
      shareSpec(like)
      expect(like).toStrictEqual(pod({ name: 'web-2', token }))
      expect(textOf(like.spec)).toBe(JSON.stringify(like.spec))
      expect(knownText(like.spec)).toHaveLength(JSON.stringify(like.spec).length)
      expect(isQuiet(like.spec)).toBe(true)
      expect(() => (like.spec!.containers[0]!.name = 'other')).toThrow(TypeError)
      return like.spec
    })
    expect(one!.volumes![0]!.projected).toBe(other!.volumes![0]!.projected)
    expect(Object.isFrozen(one!.volumes![0]!.projected)).toBe(true)
  })

  test('shares the whole spec where no name is its own', () => {
    const change = ({ spec }: Pod) => Object.assign(spec!, { volumes: [{ name: 'data', emptyDir: {} }] })
    const made = ['web-1', 'web-2', 'web-3'].map((name) => pod({ name, mount: 'data', change }))
    for (const each of made) {
      shareSpec(each)
      expect(faultsOf(each)).toEqual([])
    }
    expect(made[0]!.spec).not.toBe(made[1]!.spec)
    expect(made[1]!.spec).toBe(made[2]!.spec)
  })

  test('is known for as long as others like it come, whatever else is made', () => {
    expect(faultsOf(pod())).toEqual([])
    for (let i = 0; i < 200; i++) {
      expect(isLikeFine(pod({ name: `web-${i}` }))).toBe(true)
      const change = ({ spec }: Pod) => Object.assign(spec!, { nodeName: `node-${i}` })
      expect(faultsOf(pod({ change }))).toEqual([])
    }
    const change = ({ spec }: Pod) => Object.assign(spec!, { nodeName: 'node-0' })
    expect(isLikeFine(pod({ change }))).toBe(false)
  })

  test('is warned of its own name', () => {
    for (const name of ['web.1', 'web.2']) {
      const made = pod({ name })
      expect(faultsOf(made)).toEqual([])
      expect(podWarnings(made)).toEqual([expect.stringContaining('metadata.name')])
    }
  })
})

test('a Pod with a spec like one before is warned of its own annotations', () => {
  const annotations = { 'scheduler.alpha.kubernetes.io/critical-pod': '' }
  for (const [name, given] of [
    ['web-1', {}],
    ['web-2', { annotations }],
    ['web-3', {}],
  ] as const) {
    const made = pod({ name, ...given })
    expect(faultsOf(made)).toEqual([])
    expect(podWarnings(made)).toHaveLength('annotations' in given ? 1 : 0)
  }
})

test('a Pod that is warned of is warned of every time', () => {
  const annotations = { 'scheduler.alpha.kubernetes.io/critical-pod': '' }
  for (const name of ['web-1', 'web-2']) {
    const made = pod({ name, annotations })
    expect(faultsOf(made)).toEqual([])
    expect(podWarnings(made)).toHaveLength(1)
  }
})
