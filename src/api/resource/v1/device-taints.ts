/** When a request tolerates a device's taint (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { DeviceTaint, DeviceToleration } from '../../generated/resource-v1.ts'

/** An empty key with `Exists` tolerates everything; an empty effect, every effect. */
export function toleratesDeviceTaint(
  { key = '', operator, value = '', effect }: DeepReadonly<DeviceToleration>,
  taint: DeepReadonly<DeviceTaint>,
): boolean {
  if (effect !== undefined && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  return operator === 'Exists' || value === (taint.value ?? '')
}
