/** Node, v1: a machine that runs Pods (https://kubernetes.io/docs/concepts/architecture/nodes/). */

import { fieldPath } from '../../../../meta/field-path.ts'
import { cidrWarnings } from '../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { copyOf } from '../../../../wire/json/copy.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { ageColumn, nameColumn, orElse, textColumn, wideColumn } from '../../../columns.ts'
import type { Node, NodeSpec, ResourceList } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { keepStatus } from '../../../strategy.ts'
import { roundToMilli } from '../round-amounts.ts'
import { validateNode, validateNodeChange, validateNodeUpdate } from './validate.ts'

type Shared = DeepReadonly<Node>

const EXTERNAL_ID = 'spec.externalID: this field is deprecated, and is unused by Kubernetes'

/** All of a node is there to be given to Pods unless it says otherwise. */
function fillAllocatable(status: Node['status']): void {
  if (status?.capacity !== undefined) status.allocatable ??= copyOf(status.capacity) as ResourceList
}

export const nodes = defineResource<Node>('v1/nodes', {
  countsGeneration: false,
  setDefaults({ status, spec }) {
    if (asGiven(status, 'allocatable') === undefined) fillAllocatable(status)
    roundToMilli(status?.capacity)
    roundToMilli(status?.allocatable)
    if (spec !== undefined) alignPodCidrs(spec)
  },
  // What was given empty is nothing when it is read again.
  beforeStore: ({ status }) => fillAllocatable(status),
  // Kubelets have no dynamic settings any more.
  prepareForCreate({ spec, status }) {
    delete spec?.configSource
    delete status?.config
  },
  prepareForUpdate(draft, old) {
    keepStatus(draft, old)
    if (old.spec?.configSource === undefined) delete draft.spec?.configSource
  },
  prepareForStatusUpdate(draft, old) {
    if (old.spec === undefined) delete draft.spec
    else draft.spec = old.spec as NodeSpec
    if (old.status?.config === undefined) delete draft.status?.config
  },
  warnings: ({ spec = {} }) => [
    ...(spec.configSource === undefined ? [] : ['spec.configSource: the feature is removed']),
    ...((spec.externalID ?? '') === '' ? [] : [EXTERNAL_ID]),
    ...(spec.podCIDRs ?? []).flatMap((range, at) => cidrWarnings(range, fieldPath('spec', 'podCIDRs').index(at))),
  ],
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeChange,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  columns: [
    nameColumn(),
    textColumn<Node>('Status', statusText),
    textColumn('Roles', ({ metadata }) => orElse(rolesOf(metadata.labels ?? {}).join(','))),
    ageColumn(),
    textColumn('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    wideColumn('Internal-IP', (node) => addressOf(node, 'InternalIP')),
    wideColumn('External-IP', (node) => addressOf(node, 'ExternalIP')),
    wideColumn('OS-Image', ({ status }) => orElse(status?.nodeInfo?.osImage, '<unknown>')),
    wideColumn('Kernel-Version', ({ status }) => orElse(status?.nodeInfo?.kernelVersion, '<unknown>')),
    wideColumn('Container-Runtime', ({ status }) => orElse(status?.nodeInfo?.containerRuntimeVersion, '<unknown>')),
  ],
})

/** The old field and the first of the new one are the same; where they differ, the old one counts. */
function alignPodCidrs(spec: NodeSpec): void {
  const { podCIDR = '', podCIDRs = [] } = spec
  if (podCIDR !== '' && podCIDR !== podCIDRs[0]) spec.podCIDRs = [podCIDR]
  else if (podCIDRs[0] !== undefined) spec.podCIDR = podCIDRs[0]
}

function statusText({ spec, status }: Shared): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text
}

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** Roles are labels: `node-role.kubernetes.io/NAME`, or `kubernetes.io/role: NAME`. */
function rolesOf(labels: Readonly<Record<string, string>>): string[] {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.length > ROLE_PREFIX.length ? [key.slice(ROLE_PREFIX.length)] : []
    return key === 'kubernetes.io/role' && value !== '' ? [value] : []
  })
  return [...new Set(roles)].sort()
}

function addressOf({ status }: Shared, wanted: string): string {
  return orElse(status?.addresses?.find(({ type }) => type === wanted)?.address)
}
