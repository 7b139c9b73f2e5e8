/**
 * A Pod with resource claims goes where the devices are that its claims were given
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). Devices are not given out
 * here yet: a claim has to be allocated by somebody else before its Pod gets a node.
 */

import type { Pod } from '../../../api/generated/core-v1.ts'
import type { DeviceClass, ResourceClaim } from '../../../api/generated/resource-v1.ts'
import { matchesNodeSelector } from '../../../api/core/v1/node/node-selector.ts'
import type { Client } from '../../../client/client.ts'
import type { Lister } from '../../../client/informer.ts'
import { RESOURCE_CLAIMS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { isControlledBy } from '../../../meta/owner.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

type ReadClaim = DeepReadonly<ResourceClaim>

export interface DynamicResourcesDeps {
  readonly client: Client
  readonly claims: Lister<ResourceClaim>
  readonly classes: Lister<DeviceClass>
}

const podClaims = cycleKey<readonly ReadClaim[]>('DynamicResources')
/** More Pods than these cannot share a claim. */
const MAX_RESERVED = 256
const FOR_GOOD = { evictionMayHelp: false }
const NOT_THERE = rejected('resourceclaim not available on the node', FOR_GOOD)
const NOT_GIVEN = rejected('cannot allocate all claims', FOR_GOOD)

export function dynamicResources({ client, claims, classes }: DynamicResourcesDeps): SchedulerPlugin {
  return {
    name: 'DynamicResources',
    wakeOn: [
      'ResourceClaim/add',
      'ResourceClaim/update',
      'DeviceClass/add',
      'Pod/resource-claims',
      'Node/add',
      'Node/labels',
    ],

    mayHelp(event, pod, { now }) {
      if (event !== 'ResourceClaim/add' && event !== 'ResourceClaim/update') return true
      const { metadata } = now as ReadClaim
      return metadata.namespace === pod.metadata.namespace && namesOf(pod).includes(metadata.name)
    },

    preEnqueue(pod) {
      const found = claimsOf(pod, claims)
      return typeof found === 'string' ? rejected(found, FOR_GOOD) : fits
    },

    preFilter(cycle, { pod, uid }) {
      cycle.set(podClaims, [])
      const found = claimsOf(pod, claims)
      if (typeof found === 'string') return { verdict: rejected(found, FOR_GOOD) }
      if (found.length === 0) return { verdict: skip }
      const isFull = ({ status }: ReadClaim) => (status?.reservedFor ?? []).length >= MAX_RESERVED
      if (found.some((claim) => claim.status?.allocation !== undefined && isFull(claim) && !isReserved(claim, uid)))
        return { verdict: rejected('resourceclaim in use', FOR_GOOD) }
      const lacking = found.filter(isUnallocated).flatMap((claim) => missingClasses(claim, classes))[0]
      if (lacking !== undefined) return { verdict: rejected(lacking, FOR_GOOD) }
      cycle.set(podClaims, found)
      return { verdict: fits }
    },

    filter(cycle, _pod, { node }) {
      for (const { status } of cycle.get(podClaims) ?? []) {
        if (status?.allocation === undefined) return NOT_GIVEN
        const { nodeSelector } = status.allocation
        if (nodeSelector !== undefined && !matchesNodeSelector(nodeSelector, node)) return NOT_THERE
      }
      return fits
    },

    postFilter({ cycle }) {
      const found = cycle.get(podClaims)
      // Another plugin refused the Pod before this one looked at it: these are Kubernetes's words for that.
      if (found === undefined) return Promise.reject(new Error('not found'))
      const message = found.length === 0 ? 'no new claims to deallocate' : 'still not schedulable'
      return Promise.resolve({ message })
    },

    preBindNeeded: (cycle, { uid }) => (cycle.get(podClaims) ?? []).some((claim) => !isReserved(claim, uid)),

    async preBind(cycle, { pod, uid }, _nodeName, signal) {
      for (const claim of cycle.get(podClaims) ?? []) {
        if (isReserved(claim, uid)) continue
        const reservedFor = [
          ...(claim.status?.reservedFor ?? []),
          { resource: 'pods', name: pod.metadata.name ?? '', uid },
        ]
        // The revision stands in what is written: a claim that somebody changed meanwhile is not overwritten.
        const reserved = { ...claim, status: { ...claim.status, reservedFor } } as ResourceClaim
        await client.updateStatus(RESOURCE_CLAIMS, reserved, {}, signal)
      }
    },
  }
}

const isUnallocated = ({ status }: ReadClaim): boolean => status?.allocation === undefined

/** What to say of the requests, in their order, whose class there is not. */
function missingClasses({ spec }: ReadClaim, classes: Lister<DeviceClass>): readonly string[] {
  const wanted = (spec.devices?.requests ?? []).flatMap(({ name, exactly, firstAvailable = [] }) => [
    ...(exactly === undefined ? [] : [{ name, deviceClassName: exactly.deviceClassName }]),
    ...firstAvailable.map((choice) => ({ ...choice, name: `${name}/${choice.name}` })),
  ])
  return wanted
    .filter(({ deviceClassName }) => classes.get(deviceClassName) === undefined)
    .map(({ name, deviceClassName }) => `request ${name}: device class ${deviceClassName} does not exist`)
}

const isReserved = ({ status }: ReadClaim, uid: string): boolean =>
  (status?.reservedFor ?? []).some((holder) => holder.uid === uid)

const namesOf = ({ spec, status }: DeepReadonly<Pod>): readonly (string | undefined)[] =>
  (spec?.resourceClaims ?? []).map(
    ({ name, resourceClaimName }) =>
      resourceClaimName ?? status?.resourceClaimStatuses?.find((made) => made.name === name)?.resourceClaimName,
  )

/** The claims of a Pod, or why they cannot be told. */
function claimsOf(pod: DeepReadonly<Pod>, claims: Lister<ResourceClaim>): readonly ReadClaim[] | string {
  const { name: podName = '', namespace = '' } = pod.metadata
  const found: ReadClaim[] = []
  for (const { name, resourceClaimName } of pod.spec?.resourceClaims ?? []) {
    const made = pod.status?.resourceClaimStatuses?.find((status) => status.name === name)
    if (resourceClaimName === undefined && made === undefined)
      return `pod "${namespace}/${podName}": ResourceClaim not created yet`
    const claimName = resourceClaimName ?? made?.resourceClaimName
    if (claimName === undefined) continue // the template gave no claim, which is right at times
    const claim = claims.get(`${namespace}/${claimName}`)
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${claimName}" not found`
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${claimName}" is being deleted`
    if (resourceClaimName === undefined && !isControlledBy(claim, pod)) {
      const claimed = `${claim.metadata.namespace ?? ''}/${claimName}`
      return `ResourceClaim ${claimed} was not created for Pod ${namespace}/${podName} (Pod is not owner)`
    }
    found.push(claim)
  }
  return found
}
