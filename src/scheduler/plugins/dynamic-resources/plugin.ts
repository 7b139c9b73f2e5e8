/**
 * Gives devices to the resource claims of Pods, and Pods to the nodes where their devices are
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */

import { deepEqual } from '../../../meta/validation.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { Cycle } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, skip } from '../../framework/verdict.ts'
import type { ClusterEvent } from '../../queue/cluster-event.ts'
import { bindClaims } from './bind-claims.ts'
import { claimsOf, isAllocated, namesClaim, type ReadClaim } from './claims.ts'
import { examinePod } from './examine-pod.ts'
import { filterNode } from './filter-node.ts'
import { giveUpClaims } from './give-up-claims.ts'
import { type DynamicResourcesDeps, type Parts, refused } from './parts.ts'
import { reserveDevices } from './reserve-devices.ts'
import { scoreNode } from './score-node.ts'
import { emptyState, state } from './state.ts'
import { KnownClaims } from './taken.ts'

export type { DynamicResourcesDeps } from './parts.ts'

const DEFAULT_ARGS: PluginArgs['DynamicResources'] = { filterTimeoutMs: 10_000, bindingTimeoutMs: 600_000 }

const WAKE_ON: readonly ClusterEvent[] = [
  'ResourceClaim/add',
  'ResourceClaim/update',
  'DeviceClass/add',
  'DeviceClass/update',
  'ResourceSlice/add',
  'ResourceSlice/update',
  'Pod/resource-claims',
  'Node/add',
  'Node/labels',
  'Node/allocatable',
]

export function dynamicResources(deps: DynamicResourcesDeps, args = DEFAULT_ARGS): SchedulerPlugin {
  const known = new KnownClaims(deps.claims)
  const parts: Parts = { deps, args, known }
  const stateIn = (cycle: Cycle) => cycle.get(state) ?? emptyState

  return {
    name: 'DynamicResources',
    wakeOn: WAKE_ON,

    mayHelp(event, pod, { old, now }) {
      if (event !== 'ResourceClaim/add' && event !== 'ResourceClaim/update') return true
      if (typeof claimsOf(pod, known) === 'string') return false
      const [before, claim] = [old as ReadClaim | undefined, now as ReadClaim]
      if (before !== undefined && isAllocated(before) && !isAllocated(claim)) return true // devices are free again
      if (!namesClaim(pod, claim)) return false
      return before === undefined || !deepEqual(before.status, claim.status)
    },

    preEnqueue(pod) {
      const found = claimsOf(pod, known)
      return typeof found === 'string' ? refused(found) : fits
    },

    preFilter: (cycle, pod) => examinePod(parts, cycle, pod),
    filter: (cycle, pod, node) => filterNode(parts, stateIn(cycle), pod, node),

    async postFilter({ cycle, pod }, signal) {
      const of = cycle.get(state)
      // Another plugin refused the Pod before this one looked at it: these are Kubernetes's words for that.
      if (of === undefined) throw new Error('not found')
      return giveUpClaims(deps, of, pod, signal)
    },

    preScore: (cycle) => (stateIn(cycle).claims.length === 0 ? skip : undefined),
    score: (cycle, _pod, { name }) => scoreNode(stateIn(cycle), name),

    reserve: (cycle, _pod, nodeName) => reserveDevices(parts, stateIn(cycle), nodeName),
    unreserve(cycle) {
      for (const claim of stateIn(cycle).decided.keys()) known.takeBack(claim)
    },

    preBindNeeded(cycle, _pod, nodeName) {
      const { claims, found } = stateIn(cycle)
      return claims.length > 0 || found.get(nodeName)?.extended !== undefined
    },
    preBind: (cycle, pod, nodeName, signal) => bindClaims(parts, stateIn(cycle), { pod, nodeName }, signal),
  }
}
