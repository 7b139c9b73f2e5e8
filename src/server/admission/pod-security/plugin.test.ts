import { describe, expect, test } from 'vitest'
import { catalog } from '../../../api/catalog.ts'
import type { Pod } from '../../../api/generated/core-v1.ts'
import { isApiError } from '../../../meta/errors.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { builtinResources } from '../../registry/served-resource.ts'
import type { AdmissionRequest } from '../admission.ts'
import { aPod } from '../fixtures.ts'
import { podSecurity } from './plugin.ts'

const resources = builtinResources(catalog)
const label = (mode: string) => `pod-security.kubernetes.io/${mode}`

interface Situation {
  readonly key: string
  readonly object: KubeObject
  readonly old?: KubeObject
  readonly labels?: Record<string, string>
  readonly pods?: readonly Pod[]
}

/** The warnings, and the refusal if there is one. */
async function judge({ key, object, old, labels, pods = [] }: Situation): Promise<string[]> {
  const said: string[] = []
  const request: AdmissionRequest = {
    operation: old === undefined ? 'CREATE' : 'UPDATE',
    resource: resources.need(key),
    subresource: '',
    namespace: 'default',
    name: object.metadata.name ?? '',
    user: { name: 'somebody', groups: [] },
    object,
    ...(old === undefined ? {} : { old }),
    isDryRun: false,
    warn: (text) => said.push(`Warning: ${text}`),
  }
  try {
    await podSecurity({ labelsOf: () => labels, podsIn: () => pods }).validate?.(request)
  } catch (error) {
    if (!isApiError(error)) throw error
    said.push(error.message)
  }
  return said
}

const privileged = (name: string, owner?: string): Pod => ({
  metadata: {
    name,
    uid: name,
    ...(owner === undefined
      ? {}
      : {
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
        }),
  },
  spec: { containers: [{ name: 'c', securityContext: { privileged: true } }] },
})
const WHY = 'privileged (container "c" must not set securityContext.privileged=true)'

describe('PodSecurity', () => {
  test('leaves namespaces alone that ask for nothing', async () => {
    expect(await judge({ key: 'v1/pods', object: privileged('p') })).toEqual([])
  })

  test('refuses Pods below the enforced level', async () => {
    const labels = { [label('enforce')]: 'baseline', [label('enforce-version')]: 'v1.24' }
    expect(await judge({ key: 'v1/pods', object: privileged('p'), labels })).toEqual([
      `pods "p" is forbidden: violates PodSecurity "baseline:v1.24": ${WHY}`,
    ])
    expect(await judge({ key: 'v1/pods', object: aPod('p'), labels })).toEqual([])
  })

  test('warns of Pods below the level of warnings', async () => {
    const labels = { [label('warn')]: 'baseline' }
    expect(await judge({ key: 'v1/pods', object: privileged('p'), labels })).toEqual([
      `Warning: would violate PodSecurity "baseline:latest": ${WHY}`,
    ])
  })

  test('warns of workloads whose Pods would be refused, and lets them be', async () => {
    const labels = { [label('enforce')]: 'baseline' }
    const template = { metadata: {}, spec: privileged('x').spec }
    for (const [key, spec] of [
      ['apps/v1/deployments', { template }],
      ['batch/v1/cronjobs', { jobTemplate: { spec: { template } } }],
    ] as const) {
      const object = { metadata: { name: 'w' }, spec } as KubeObject
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await judge({ key, object, labels })).toEqual([
        `Warning: would violate PodSecurity "baseline:latest": ${WHY}`,
      ])
    }
  })

  test('enforces the strictest level when the label makes no sense', async () => {
    const labels = { [label('enforce')]: 'strict' }
    expect((await judge({ key: 'v1/pods', object: aPod('p'), labels }))[0]).toContain(
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
    )
  })

  test('lets updates through that change nothing it looks at', async () => {
    const labels = { [label('enforce')]: 'baseline' }
    const old = privileged('p')
    const object = structuredClone(old)
    object.metadata.labels = { a: 'b' }
    expect(await judge({ key: 'v1/pods', object, old, labels })).toEqual([])
    object.spec!.containers![0]!.image = 'other'
    expect(await judge({ key: 'v1/pods', object, old, labels })).toHaveLength(1)
  })

  test('refuses labels that make no sense', async () => {
    const labels = { [label('enforce')]: 'strict', [label('warn-version')]: '1.24' }
    expect(await judge({ key: 'v1/namespaces', object: { metadata: { name: 'n', labels } } })).toEqual([
      'Namespace "n" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.24": must be "latest" or "v1.x"]',
    ])
  })

  test('warns of Pods that are there when the level gets stricter', async () => {
    const object = { metadata: { name: 'n', labels: { [label('enforce')]: 'baseline' } } }
    const pods = [privileged('a', 'rs'), privileged('b', 'rs'), privileged('z'), aPod('fine')]
    expect(await judge({ key: 'v1/namespaces', object, old: { metadata: { name: 'n' } }, pods })).toEqual([
      'Warning: existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
      'Warning: a (and 2 other pods): privileged',
    ])
    expect(await judge({ key: 'v1/namespaces', object, old: object, pods })).toEqual([])
  })
})
