/**
 * ComponentStatus: how the parts of the control plane fare, worked out when it is asked for and stored nowhere
 * (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/).
 */

import type { Lease } from '../../api/generated/coordination-v1.ts'
import type { ComponentCondition, ComponentStatus } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { notFound } from '../../meta/errors.ts'
import type { ApiCore } from '../core.ts'
import { StoredObject } from '../registry/stored-object.ts'
import { objectAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { selectionOf } from '../verbs/select.ts'
import { selects } from '../watchcache/selection.ts'
import type { SubresourceHandler } from './handler.ts'

/** Each component by its name, and the lease that it keeps while it works; storage that answers needs none. */
const COMPONENTS: readonly (readonly [name: string, lease: string | undefined])[] = [
  ['controller-manager', 'kube-controller-manager'],
  ['etcd-0', undefined],
  ['scheduler', 'kube-scheduler'],
]

const DEFAULT_LEASE_SECONDS = 15

/** Answers get and list of `componentstatuses`. */
export const componentStatuses: SubresourceHandler = (core, context, request) => {
  const { resource, name } = context
  const all = COMPONENTS.map(([component, lease]) => statusOf(component, conditionOf(core, lease)))
  if (request.verb === 'list') {
    const selection = selectionOf(resource, { ...request.list, namespace: '', name })
    const items = all.filter((status) => selects(selection, status))
    return { form: 'list', list: { resource, metadata: {}, items } }
  }
  if (request.verb !== 'get') throw methodNotAllowed()
  const found = all.find((status) => status.name === name)
  if (found === undefined) throw notFound({ group: '', resource: 'componentstatus', name })
  return objectAnswer(found)
}

function statusOf(name: string, condition: ComponentCondition): StoredObject {
  const status: ComponentStatus = {
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name },
    conditions: [condition],
  }
  return new StoredObject(status, 0)
}

function conditionOf(core: ApiCore, name: string | undefined): ComponentCondition {
  const fault = name === undefined ? undefined : faultOf(core, name)
  if (fault === undefined) return { type: 'Healthy', status: 'True', message: 'ok' }
  return { type: 'Healthy', status: 'False', message: fault }
}

/** Why the component that keeps this lease does not work; undefined when it does. */
function faultOf(core: ApiCore, name: string): string | undefined {
  const stored = core.caches.of(core.resources.need('coordination.k8s.io/v1/leases')).get('kube-system', name)
  const spec = (stored?.object as DeepReadonly<Lease> | undefined)?.spec
  if (spec?.renewTime === undefined || (spec.holderIdentity ?? '') === '') return 'nobody holds its lease'
  const lasts = (spec.leaseDurationSeconds ?? DEFAULT_LEASE_SECONDS) * 1_000
  return core.clock.now() - Date.parse(spec.renewTime) > lasts ? `its lease ran out after ${spec.renewTime}` : undefined
}
