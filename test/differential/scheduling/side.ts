/** One of the two clusters that a case is played in: objects go in, what the scheduler made of them comes out. */

import type { Node, Pod } from '../../../src/api/generated/core-v1.ts'
import type { Client, ObjectKey } from '../../../src/client/client.ts'
import {
  DEVICE_CLASSES,
  EVENTS_V1,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  PRIORITY_CLASSES,
  REPLICA_SETS,
  RESOURCE_CLAIMS,
  RESOURCE_SLICES,
  type ResourceRef,
  SERVICES,
  STORAGE_CLASSES,
} from '../../../src/client/resources.ts'
import type { DeepReadonly } from '../../../src/meta/deep-readonly.ts'
import { hasReason } from '../../../src/meta/errors.ts'
import type { KubeObject } from '../../../src/meta/types.ts'

/** What a case needs beside its Pods. `status` is written apart, where the API takes it apart. */
export interface Case {
  readonly name: string
  readonly objects: readonly KubeObject[]
  readonly pods: readonly Pod[]
}

const REFS: ReadonlyMap<string, ResourceRef<KubeObject>> = new Map(
  [
    NODES,
    NAMESPACES,
    PERSISTENT_VOLUMES,
    PERSISTENT_VOLUME_CLAIMS,
    STORAGE_CLASSES,
    PRIORITY_CLASSES,
    POD_DISRUPTION_BUDGETS,
    SERVICES,
    REPLICA_SETS,
    DEVICE_CLASSES,
    RESOURCE_CLAIMS,
    RESOURCE_SLICES,
    PODS,
  ].map((ref) => [ref.kind, ref as unknown as ResourceRef<KubeObject>]),
)

const POLL_MS = 40
const PATIENCE_MS = 6_000
/** Events are written behind. */
const EVENTS_MS = 250

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const keyOf = ({ metadata: { name = '', namespace } }: KubeObject): ObjectKey =>
  namespace === undefined ? { name } : { name, namespace }

function refOf({ kind = '' }: KubeObject): ResourceRef<KubeObject> {
  const ref = REFS.get(kind)
  if (ref === undefined) throw new Error(`no resource for ${kind}`)
  return ref
}

async function put(client: Client, object: KubeObject): Promise<void> {
  const { status, ...rest } = object as KubeObject & { status?: object }
  await client.create(refOf(object), rest)
  if (status !== undefined)
    await client.patch(refOf(object), keyOf(object), 'merge', { status }, { subresource: 'status' })
  if (object.kind !== 'Node') return
  // New Nodes are tainted until a controller sees that they are ready.
  const { taints = [] } = (object as Node).spec ?? {}
  await client.patch(NODES, keyOf(object), 'merge', { spec: { taints } })
}

const remove = (client: Client, object: KubeObject) => removeAt(client, refOf(object), keyOf(object))

async function removeAt(client: Client, ref: ResourceRef<KubeObject>, at: ObjectKey): Promise<void> {
  try {
    await client.patch(ref, at, 'merge', { metadata: { finalizers: null } })
    await client.delete(ref, at, { gracePeriodSeconds: 0 })
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}

const isDecided = ({ spec, status }: DeepReadonly<Pod>) =>
  (spec?.nodeName ?? '') !== '' || status?.conditions?.some(({ type }) => type === 'PodScheduled') === true

async function decided(client: Client, at: ObjectKey): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    if (isDecided(await client.get(PODS, at))) return
    await sleep(POLL_MS)
  }
}

/** Plays a case and takes everything away again. The answer has nothing that differs from run to run. */
export async function play(client: Client, { objects, pods }: Case): Promise<unknown> {
  const uids = new Map<string, string>()
  try {
    for (const object of objects) await put(client, object)
    await sleep(EVENTS_MS)
    for (const pod of pods) {
      const { metadata } = await client.create(PODS, pod)
      uids.set(metadata.uid ?? '', `uid-of-${metadata.name ?? ''}`)
      await decided(client, keyOf(pod))
    }
    await sleep(EVENTS_MS)
    return await outcome(client, pods, uids)
  } finally {
    for (const object of [...pods, ...objects.toReversed()]) await remove(client, object)
    const { items: made } = await client.list(RESOURCE_CLAIMS, { namespace: 'default' })
    const ref = refOf({ kind: 'ResourceClaim', metadata: {} })
    for (const { metadata } of made) await removeAt(client, ref, { namespace: 'default', name: metadata.name ?? '' })
    await client.deleteCollection(EVENTS_V1, { namespace: 'default' })
  }
}

/** What claims were given, but for times and for identifiers that are made by chance. */
async function claimsGiven(client: Client): Promise<unknown> {
  const { items } = await client.list(RESOURCE_CLAIMS, { namespace: 'default' })
  return items.map(({ metadata, spec, status }) => {
    const { allocation, reservedFor } = status ?? {}
    const results = allocation?.devices?.results?.map((result) => ({
      ...result,
      shareID: result.shareID === undefined ? undefined : 'made by chance',
    }))
    const isMade = metadata.generateName !== undefined
    const { annotations, ownerReferences } = metadata
    return {
      ...(isMade
        ? { generateName: metadata.generateName, annotations, ownerReferences, spec }
        : { name: metadata.name }),
      finalizers: metadata.finalizers,
      reservedFor,
      allocation: allocation && {
        nodeSelector: allocation.nodeSelector,
        results,
        config: allocation.devices?.config,
        isTimed: allocation.allocationTimestamp !== undefined,
      },
    }
  })
}

async function outcome(client: Client, pods: readonly Pod[], uids: ReadonlyMap<string, string>): Promise<unknown> {
  const found = await client.list(PODS, { namespace: 'default' })
  const events = await client.list(EVENTS_V1, { namespace: 'default' })
  const told = events.items
    .filter(({ regarding }) => pods.some(({ metadata }) => metadata.name === regarding?.name))
    .map(({ type, reason, action, note, regarding, related, reportingController }) => ({
      type,
      reason,
      action,
      note,
      about: regarding?.name,
      related: related?.name,
      reportingController,
    }))
  const states = found.items
    .filter(({ metadata }) => pods.some((pod) => pod.metadata.name === metadata.name))
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      nodeName: spec?.nodeName,
      nominated: status?.nominatedNodeName,
      extended: status?.extendedResourceClaimStatus?.requestMappings,
      isGoing: metadata.deletionTimestamp !== undefined,
      conditions: status?.conditions?.map((condition) => ({ ...condition, lastTransitionTime: undefined })),
    }))
  const claims = await claimsGiven(client)
  const text = JSON.stringify({
    states,
    claims,
    told: told.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  })
  return JSON.parse([...uids].reduce((all, [uid, name]) => all.replaceAll(uid, name), text))
}
