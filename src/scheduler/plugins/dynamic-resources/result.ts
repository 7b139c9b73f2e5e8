/** What is written into a claim that was given devices (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/#ResourceClaimStatus). */

import type { NodeSelector, NodeSelectorRequirement } from '../../../api/generated/core-v1.ts'
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
} from '../../../api/generated/resource-v1.ts'
import type { Random } from '../../../base/random.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { formatQuantity } from '../../../meta/quantity.ts'
import { deepEqual } from '../../../meta/validation.ts'
import type { Demand, Wish } from './demands.ts'
import type { Pick } from './search.ts'
import type { Allocation } from './taken.ts'

/** The allocation of a claim on a node. */
export function allocationOf(
  wish: Wish,
  picks: readonly Pick[],
  { nodeName, random }: { readonly nodeName: string; readonly random: Random },
): Allocation {
  const config = configOf(wish, picks)
  const nodeSelector = placeOf(picks, nodeName)
  const results = picks.map((pick) => resultOf(pick, random))
  return {
    devices: { results, ...(config.length > 0 && { config }) },
    ...(nodeSelector !== undefined && { nodeSelector }),
  } as DeepReadonly<AllocationResult>
}

function resultOf({ device, demand, shared }: Pick, random: Random): DeepReadonly<DeviceRequestAllocationResult> {
  const { bindingConditions, bindingFailureConditions } = device.device
  const amounts = [...(shared ?? [])].map(([name, amount]) => [name, formatQuantity(amount)] as const)
  return {
    request: demand.name,
    driver: device.pool.driver,
    pool: device.pool.name,
    device: device.device.name,
    ...(demand.adminAccess && { adminAccess: true }),
    ...(demand.tolerations !== undefined && { tolerations: demand.tolerations }),
    ...(bindingConditions !== undefined && { bindingConditions }),
    ...(bindingFailureConditions !== undefined && { bindingFailureConditions }),
    ...(shared !== undefined && { shareID: random.uuid() }),
    ...(amounts.length > 0 && { consumedCapacity: Object.fromEntries(amounts) }),
  }
}

type Config = DeepReadonly<DeviceAllocationConfiguration>

/** The settings of the classes, each once, and then of the claim. */
function configOf({ claim, requests }: Wish, picks: readonly Pick[]): Config[] {
  const chosen = requests.map((demands) => chosenOf(demands, picks))
  const ofClasses = new Map<string, Demand[]>()
  for (const demand of chosen) {
    const name = demand.class.metadata.name ?? ''
    ofClasses.set(name, [...(ofClasses.get(name) ?? []), demand])
  }
  const fromClasses = [...ofClasses.values()].flatMap((demands) =>
    (demands[0]?.class.spec.config ?? []).map((config): Config => ({
      ...config,
      source: 'FromClass',
      requests: demands.map(({ name }) => name),
    })),
  )
  const fromClaim = (claim.spec.devices?.config ?? []).flatMap(({ requests: named = [], ...config }) => {
    const entry: Config = { ...config, source: 'FromClaim', ...(named.length > 0 && { requests: named }) }
    if (named.length === 0) return [entry]
    const isNamed = ({ name }: Demand) => named.includes(name) || named.includes(name.split('/')[0] ?? '')
    return chosen.filter(isNamed).map(() => entry)
  })
  return [...fromClasses, ...fromClaim]
}

/** The alternative that devices were picked for. */
function chosenOf(demands: readonly Demand[], picks: readonly Pick[]): Demand {
  return demands.find((demand) => picks.some((pick) => pick.demand === demand)) ?? (demands[0] as Demand)
}

/** Where the devices can be reached from; absent for everywhere. */
function placeOf(picks: readonly Pick[], nodeName: string): DeepReadonly<NodeSelector> | undefined {
  const matchFields: DeepReadonly<NodeSelectorRequirement>[] = []
  const matchExpressions: DeepReadonly<NodeSelectorRequirement>[] = []
  for (const { device: found } of picks) {
    const place = found.slice.spec.perDeviceNodeSelection === true ? found.device : found.slice.spec
    if (place.nodeName !== undefined || found.device.bindsToNode === true) {
      const field = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] }
      return { nodeSelectorTerms: [{ matchFields: [field] }] }
    }
    const [term] = place.nodeSelector?.nodeSelectorTerms ?? []
    addNew(matchFields, term?.matchFields)
    addNew(matchExpressions, term?.matchExpressions)
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined
  const term = {
    ...(matchExpressions.length > 0 && { matchExpressions }),
    ...(matchFields.length > 0 && { matchFields }),
  }
  return { nodeSelectorTerms: [term] }
}

function addNew<T>(known: T[], more: readonly T[] | undefined): void {
  for (const each of more ?? []) if (!known.some((other) => deepEqual(other, each))) known.push(each)
}
