/** What a node may report of PersistentVolumeClaims: how large they are by now, and nothing else. */

import { describeChanges } from '../../../api/core/v1/pod/describe-changes.ts'
import type { PersistentVolumeClaim } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import { deepEqual } from '../../../meta/validation.ts'
import type { AdmissionRequest } from '../admission.ts'

/** Why `node` may not write a claim so; undefined where it may. */
export function claimWhy({ operation, subresource, object, old }: AdmissionRequest, node: string): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'UPDATE') return `unexpected operation ${goQuote(operation)}`
  const before = withoutReport(old as DeepReadonly<PersistentVolumeClaim>)
  const after = withoutReport(object as PersistentVolumeClaim)
  if (deepEqual(before, after)) return undefined
  return `node ${goQuote(node)} is not allowed to update fields other than status.quantity and status.conditions: ${describeChanges(before, after)}`
}

/** A claim without what nodes report of it. */
function withoutReport({ metadata, spec, status }: DeepReadonly<PersistentVolumeClaim>) {
  const { resourceVersion: _, managedFields: __, ...known } = metadata
  const { capacity: _c, conditions: _d, allocatedResources: _a, allocatedResourceStatuses: _s, ...kept } = status ?? {}
  return { metadata: known, spec, status: kept }
}
