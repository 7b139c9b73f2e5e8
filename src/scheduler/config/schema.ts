/** The fields of a KubeSchedulerConfiguration, for the strict decoder that the API server uses too. */

import { schemaOf } from '../../api/schemas.ts'
import { canonicalQuantity } from '../../meta/quantity.ts'
import { createDecoder } from '../../wire/decode/decode.ts'
import type { FieldSchema, ScalarKind, Shape, StructSchema } from '../../wire/schema.ts'
import { POINTS } from './types.ts'

const PREFIX = 'kubescheduler/v1.'

type FieldType = ScalarKind | readonly FieldType[] | { readonly of: string }
const listOf = (type: FieldType): FieldType => [type]
const own = (type: string): FieldType => ({ of: PREFIX + type })

const META = { apiVersion: 'string', kind: 'string' } as const
const TYPES: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  KubeSchedulerConfiguration: {
    ...META,
    parallelism: 'int32',
    leaderElection: own('LeaderElectionConfiguration'),
    clientConnection: own('ClientConnectionConfiguration'),
    enableProfiling: 'boolean',
    enableContentionProfiling: 'boolean',
    percentageOfNodesToScore: 'int32',
    podInitialBackoffSeconds: 'int64',
    podMaxBackoffSeconds: 'int64',
    profiles: listOf(own('KubeSchedulerProfile')),
    extenders: listOf(own('Extender')),
    delayCacheUntilActive: 'boolean',
  },
  LeaderElectionConfiguration: {
    leaderElect: 'boolean',
    leaseDuration: 'Duration',
    renewDeadline: 'Duration',
    retryPeriod: 'Duration',
    resourceLock: 'string',
    resourceName: 'string',
    resourceNamespace: 'string',
  },
  ClientConnectionConfiguration: {
    kubeconfig: 'string',
    acceptContentTypes: 'string',
    contentType: 'string',
    qps: 'double',
    burst: 'int32',
  },
  KubeSchedulerProfile: {
    schedulerName: 'string',
    percentageOfNodesToScore: 'int32',
    plugins: own('Plugins'),
    pluginConfig: listOf(own('PluginConfig')),
  },
  Plugins: Object.fromEntries([...POINTS, 'multiPoint'].map((point) => [point, own('PluginSet')])),
  PluginSet: { enabled: listOf(own('Plugin')), disabled: listOf(own('Plugin')) },
  Plugin: { name: 'string', weight: 'int32' },
  PluginConfig: { name: 'string', args: 'any' },
  Extender: {
    urlPrefix: 'string',
    filterVerb: 'string',
    preemptVerb: 'string',
    prioritizeVerb: 'string',
    weight: 'int64',
    bindVerb: 'string',
    enableHTTPS: 'boolean',
    tlsConfig: own('ExtenderTLSConfig'),
    httpTimeout: 'Duration',
    nodeCacheCapable: 'boolean',
    managedResources: listOf(own('ExtenderManagedResource')),
    ignorable: 'boolean',
  },
  ExtenderManagedResource: { name: 'string', ignoredByScheduler: 'boolean' },
  ExtenderTLSConfig: {
    insecure: 'boolean',
    serverName: 'string',
    certFile: 'string',
    keyFile: 'string',
    caFile: 'string',
    certData: 'bytes',
    keyData: 'bytes',
    caData: 'bytes',
  },
  DefaultPreemptionArgs: { ...META, minCandidateNodesPercentage: 'int32', minCandidateNodesAbsolute: 'int32' },
  InterPodAffinityArgs: { ...META, hardPodAffinityWeight: 'int32', ignorePreferredTermsOfExistingPods: 'boolean' },
  NodeAffinityArgs: { ...META, addedAffinity: { of: 'core/v1.NodeAffinity' } },
  NodeResourcesBalancedAllocationArgs: { ...META, resources: listOf(own('ResourceSpec')) },
  NodeResourcesFitArgs: {
    ...META,
    ignoredResources: listOf('string'),
    ignoredResourceGroups: listOf('string'),
    scoringStrategy: own('ScoringStrategy'),
  },
  ScoringStrategy: {
    type: 'string',
    resources: listOf(own('ResourceSpec')),
    requestedToCapacityRatio: own('RequestedToCapacityRatioParam'),
  },
  RequestedToCapacityRatioParam: { shape: listOf(own('UtilizationShapePoint')) },
  UtilizationShapePoint: { utilization: 'int32', score: 'int32' },
  ResourceSpec: { name: 'string', weight: 'int64' },
  PodTopologySpreadArgs: {
    ...META,
    defaultConstraints: listOf({ of: 'core/v1.TopologySpreadConstraint' }),
    defaultingType: 'string',
  },
  VolumeBindingArgs: { ...META, bindTimeoutSeconds: 'int64', shape: listOf(own('UtilizationShapePoint')) },
  DynamicResourcesArgs: { ...META, filterTimeout: 'Duration', bindingTimeout: 'Duration' },
}

function shapeOf(type: FieldType): Shape {
  if (typeof type === 'string') return { kind: 'scalar', scalar: type, ...(type === 'any' ? { custom: 'raw' } : {}) }
  if ('of' in type) return { kind: 'struct', type: type.of }
  return { kind: 'list', of: shapeOf(type[0] ?? 'any') }
}

function structOf(key: string, fields: Readonly<Record<string, FieldType>>): StructSchema {
  const schemas = Object.entries(fields).map(([name, type]): [string, FieldSchema] => [
    name,
    { name, shape: shapeOf(type), pointer: true, omitEmpty: true, required: false, nullable: false },
  ])
  return { key, fields: new Map(schemas), root: 'kind' in fields, hasProto: false }
}

const structs = new Map(Object.entries(TYPES).map(([name, fields]) => [PREFIX + name, structOf(PREFIX + name, fields)]))

const decode = createDecoder({
  schemas: (key) => structs.get(key) ?? schemaOf(key),
  canonicalQuantity(text) {
    const canonical = canonicalQuantity(text)
    if (canonical === undefined) throw new Error(`${JSON.stringify(text)} is no quantity`)
    return canonical
  },
})

/** Whether there is a kind of that name in the group. */
export const isKnownKind = (kind: string): boolean => structs.get(PREFIX + kind)?.root === true

/** Decodes one of the group's kinds; nothing is filled in. Throws `DecodeError`. */
export const decodeKind = (value: unknown, kind: string) => decode(value, PREFIX + kind, { partial: true })
