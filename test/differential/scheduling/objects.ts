/** What cases are made of. */

import type { Affinity, Node, NodeSelectorTerm, Pod, PodSpec } from '../../../src/api/generated/core-v1.ts'
import type { KubeObject } from '../../../src/meta/types.ts'

export const HOST = 'kubernetes.io/hostname'
export const ZONE = 'topology.kubernetes.io/zone'
export const UNMET = 'requiredDuringSchedulingIgnoredDuringExecution'

export interface NodeWish {
  readonly labels?: Record<string, string>
  readonly amounts?: Record<string, string>
  readonly spec?: NonNullable<Node['spec']>
  readonly declaredFeatures?: string[]
}

/** A ready Node of 4 CPUs, 8 GiB and 10 Pods. */
export function node(name: string, { labels = {}, amounts = {}, spec = {}, declaredFeatures }: NodeWish = {}): Node {
  const all = { cpu: '4', memory: '8Gi', pods: '10', 'ephemeral-storage': '20Gi', ...amounts }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [HOST]: name, ...labels } },
    spec,
    status: {
      capacity: all,
      allocatable: all,
      conditions: [{ type: 'Ready', status: 'True' }],
      ...(declaredFeatures === undefined ? {} : { declaredFeatures }),
    } as NonNullable<Node['status']>,
  }
}

export type Requests = Record<string, string>
export function pod(name: string, requests: Requests = {}, spec: Partial<PodSpec> = {}, labels = {}): Pod {
  const limits = Object.fromEntries(Object.entries(requests).filter(([key]) => key.includes('/')))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: {
      containers: [{ name: 'c', image: 'x', resources: { requests, limits } }],
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      ...spec,
    },
  }
}

export const object = (
  apiVersion: string,
  kind: string,
  metadata: KubeObject['metadata'],
  rest: object = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata,
  ...rest,
})
export const own = (name: string) => ({ name, namespace: 'default' })
export const priority = (name: string, value: number, rest: object = {}) =>
  object('scheduling.k8s.io/v1', 'PriorityClass', { name }, { value, ...rest })
export const storageClass = (name: string, mode: string, rest: object = {}) =>
  object('storage.k8s.io/v1', 'StorageClass', { name }, { provisioner: 'p', volumeBindingMode: mode, ...rest })
export const claim = (name: string, spec: object = {}, rest: object = {}) =>
  object('v1', 'PersistentVolumeClaim', own(name), {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    ...rest,
  })
export const boundClaim = (name: string, volumeName: string, spec: object = {}): KubeObject => ({
  ...claim(name, { volumeName, storageClassName: '', ...spec }, { status: { phase: 'Bound' } }),
  metadata: { ...own(name), annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
})
export const volume = (name: string, spec: object = {}, labels = {}) =>
  object(
    'v1',
    'PersistentVolume',
    { name, labels },
    {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, ...spec },
    },
  )
export const inZone = (zone: string): NodeSelectorTerm => ({
  matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }],
})
export const uses = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] })
export const term = (app: string, topologyKey = HOST) => ({ topologyKey, labelSelector: { matchLabels: { app } } })
export const spread = (topologyKey: string, rest: object = {}) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      whenUnsatisfiable: 'DoNotSchedule' as const,
      topologyKey,
      labelSelector: { matchLabels: { app: 'a' } },
      ...rest,
    },
  ],
})
export const needsZone = (zone: string): Affinity => ({
  nodeAffinity: { [UNMET]: { nodeSelectorTerms: [inZone(zone)] } },
})
export const named = (...values: string[]): Affinity => ({
  nodeAffinity: {
    [UNMET]: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values }] }] },
  },
})
export const taint = (key: string, effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule' = 'NoSchedule') => ({
  taints: [{ key, effect }],
})
export const placed = (
  name: string,
  nodeName: string,
  requests: Requests = {},
  spec: Partial<PodSpec> = {},
  labels = {},
) => pod(name, requests, { nodeName, ...spec }, labels)
export const budget = (name: string, app: string, allowed: number) =>
  object('policy/v1', 'PodDisruptionBudget', own(name), {
    spec: { minAvailable: 1, selector: { matchLabels: { app } } },
    status: { disruptionsAllowed: allowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  })
export const service = (name: string, app: string) =>
  object('v1', 'Service', own(name), { spec: { selector: { app }, ports: [{ port: 80 }] } })
export const deviceClass = object('resource.k8s.io/v1', 'DeviceClass', { name: 'gpu' }, { spec: {} })
export const resourceClaim = (name: string, deviceClassName = 'gpu') =>
  object('resource.k8s.io/v1', 'ResourceClaim', own(name), {
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName } }] } },
  })
export const claims = (resourceClaimName: string) => ({ resourceClaims: [{ name: 'd', resourceClaimName }] })

export const one = [node('n1')]
export const two = [node('n1', { labels: { [ZONE]: 'a' } }), node('n2', { labels: { [ZONE]: 'b' } })]
export const high = priority('high', 1000)

/** Objects, and the Pods that are placed one after another, by the name of the case. */
export type Table = Readonly<Record<string, readonly [readonly KubeObject[], ...Pod[]]>>
