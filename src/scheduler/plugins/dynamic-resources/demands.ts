/** What claims ask for, in the form in which devices are looked for. */

import type {
  CapacityRequirements,
  DeviceClass,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
} from '../../../api/generated/resource-v1.ts'
import type { Lister } from '../../../client/informer.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { keyOf } from '../../../meta/keys.ts'
import { PluginFailure } from '../../framework/plugin-failure.ts'
import type { ReadClaim } from './claims.ts'

/** Devices of one sort. */
export interface Demand {
  /** The request, with the alternative behind a slash where it is one. */
  readonly name: string
  /** The alternative's own name, or the request's. */
  readonly ownName: string
  readonly class: DeepReadonly<DeviceClass>
  readonly selectors: readonly DeepReadonly<DeviceSelector>[]
  readonly count: number | 'all'
  readonly adminAccess: boolean
  readonly tolerations: readonly DeepReadonly<DeviceToleration>[] | undefined
  readonly capacity: DeepReadonly<CapacityRequirements> | undefined
}

/** A claim, and for each of its requests what would do, the best first. */
export interface Wish {
  readonly claim: ReadClaim
  readonly requests: readonly (readonly Demand[])[]
}

/** What a claim asks for. Throws `PluginFailure` where its classes are gone. */
export function wishOf(claim: ReadClaim, classes: Lister<DeviceClass>): Wish {
  const demand = (name: string, ownName: string, asked: DeepReadonly<ExactDeviceRequest>): Demand => {
    const { deviceClassName, selectors = [], allocationMode, count, adminAccess, tolerations, capacity } = asked
    const found = classes.get(deviceClassName)
    if (found === undefined) {
      const missing = `deviceclass.resource.k8s.io "${deviceClassName}" not found`
      throw new PluginFailure(
        `claim ${keyOf(claim)}, request ${ownName}: could not retrieve device class ${deviceClassName}: ${missing}`,
      )
    }
    return {
      name,
      ownName,
      class: found,
      selectors,
      count: allocationMode === 'All' ? 'all' : (count ?? 1),
      adminAccess: adminAccess === true,
      tolerations,
      capacity,
    }
  }
  const requests = (claim.spec.devices?.requests ?? []).map(({ name, exactly, firstAvailable = [] }) =>
    exactly === undefined
      ? firstAvailable.map((choice) => demand(`${name}/${choice.name}`, choice.name, choice))
      : [demand(name, name, exactly)],
  )
  return { claim, requests }
}
