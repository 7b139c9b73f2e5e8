/** Runs a kind's rules over an object that is about to be written; all faults at once. */

import { inSteps } from '../../base/async/steps.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { invalid } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { pathSegmentName } from '../../meta/names.ts'
import { validateKnownFinalizers, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { KubeObject, ObjectMeta } from '../../meta/types.ts'
import { deepEqual } from '../../meta/validation.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { GiveWay } from './give-way.ts'

type ReadMetadata = DeepReadonly<ObjectMeta>

const ROOT = fieldPath()

/**
 * The faults of a large object of a kind that judges in steps, for those who then ask for all its faults; absent for other
 * kinds, which judge at once.
 */
export async function judgeAhead(
  { meaning }: ServedResource,
  object: KubeObject,
  giveWay: GiveWay,
): Promise<readonly FieldError[] | undefined> {
  const steps = meaning.validateInSteps?.(object, ROOT)
  return steps && (await inSteps(steps, giveWay))
}

/** Throws `Invalid` with every fault of a new object. Those `ahead` are found already. */
export function validateNew(resource: ServedResource, object: KubeObject, ahead?: readonly FieldError[]): void {
  const own = ahead ?? resource.meaning.validate?.(object, ROOT) ?? []
  refuse(resource, object, [...metaFaults(resource, object), ...own])
}

/** Throws `Invalid` with every fault of an update. Those `ahead` are found already. */
export function validateChange(
  resource: ServedResource,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
  ahead?: readonly FieldError[],
): void {
  const { meaning } = resource
  const own = meaning.validateUpdate ?? ((draft) => ahead ?? meaning.validate?.(draft, ROOT) ?? [])
  const looks = LOOKS_NEVER.has(resource.key) ? 'for all kinds' : 'for the kind, too'
  const { common, ofKind } = metaUpdateFaults(resource, object, old, looks)
  const ofMetadata = [...common, ...ofKind]
  const isJudgedAgain =
    !LOOKS_NO_MORE.has(resource.key) && (ofMetadata.length > 0 || hasNewNames(object.metadata, old.metadata))
  const again = isJudgedAgain ? metaFaults(resource, object) : []
  // Of what is looked at as a whole first, the faults of the change follow.
  const whole = meaning.validateWhole?.(object, old, ROOT)
  const before = whole === undefined ? [...ofMetadata, ...again] : [...common, ...again, ...whole, ...ofKind]
  refuse(resource, object, [...before, ...own(object, old, ROOT)])
}

/** Throws `Invalid` with every fault of an update of a part of an object: those of its metadata, and `own`. */
export function validatePartChange(
  resource: ServedResource,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
  own: readonly FieldError[],
): void {
  const { common, ofKind } = metaUpdateFaults(resource, object, old, 'for the kind, too')
  refuse(resource, object, [...common, ...ofKind, ...own])
}

/** Throws `Invalid` with every fault of an update of the status. */
export function validateStatusChange(
  resource: ServedResource,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
): void {
  const { judgesStatusMetadata = true, validateStatusUpdate } = resource.meaning
  const looks = judgesStatusMetadata ? 'for the kind, too' : 'for all kinds'
  const { common, ofKind } = metaUpdateFaults(resource, object, old, looks)
  refuse(resource, object, [...common, ...ofKind, ...(validateStatusUpdate?.(object, old, ROOT) ?? [])])
}

/** Throws `Invalid` when there are any faults. */
export function refuse({ group, kind }: ServedResource, object: KubeObject, faults: readonly FieldError[]): void {
  if (faults.length === 0) return
  const { name = '', generateName = '' } = object.metadata
  throw invalid({ group, kind, name: name === '' ? generateName : name }, toldOf(faults))
}

/** So many characters of faults are told, and one fault more: some say again and again a list of a hundred thousand values. */
const MAX_TOLD = 256 * 1024

function toldOf(faults: readonly FieldError[]): readonly FieldError[] {
  let length = 0
  const end = faults.findIndex(({ message }) => (length += message.length) > MAX_TOLD)
  return end < 0 ? faults : faults.slice(0, end + 1)
}

function metaFaults({ namespaced, meaning }: ServedResource, { metadata }: KubeObject): FieldError[] {
  return validateObjectMeta(metadata, { namespaced, validateName: meaning.validateName })
}

/** The faults of an update's metadata that are told for all kinds, and those that are told once more for the kind. */
interface MetaFaults {
  readonly common: readonly FieldError[]
  readonly ofKind: readonly FieldError[]
}

const NO_FAULTS: MetaFaults = { common: [], ofKind: [] }

/**
 * Kubernetes looks at the metadata of an update as at that of any object, at what changed of it, and at that once more for
 * the kind, with the names of finalizers; most kinds look at all of it again. It tells its faults as often.
 */
function metaUpdateFaults(
  { namespaced }: ServedResource,
  object: KubeObject,
  old: DeepReadonly<KubeObject>,
  looks: 'for all kinds' | 'for the kind, too',
): MetaFaults {
  const { metadata } = object
  const changed = validateObjectMetaUpdate(metadata, old.metadata)
  if (changed.length === 0 && !hasNewNames(metadata, old.metadata)) return NO_FAULTS
  const rules = { namespaced, validateName: pathSegmentName, anyFinalizer: true }
  const common = [...validateObjectMeta(metadata, rules), ...changed]
  return { common, ofKind: looks === 'for all kinds' ? [] : [...changed, ...validateKnownFinalizers(metadata)] }
}

/** Whether the update names anything that only a look at the whole judges. */
const hasNewNames = (now: ReadMetadata, old: ReadMetadata): boolean =>
  now.generateName !== old.generateName || !deepEqual(now.finalizers, old.finalizers)

/** Kinds that look at nothing of the metadata themselves. */
const LOOKS_NEVER: ReadonlySet<string> = new Set(['v1/events', 'events.k8s.io/v1/events'])

/** Kinds that leave the metadata of an update to the looks that all kinds take. */
const LOOKS_NO_MORE: ReadonlySet<string> = new Set([
  'v1/limitranges',
  'v1/resourcequotas',
  'v1/events',
  'v1/podtemplates',
  'v1/replicationcontrollers',
  'v1/services',
  'apps/v1/daemonsets',
  'apps/v1/deployments',
  'apps/v1/replicasets',
  'apps/v1/statefulsets',
  'autoscaling/v1/horizontalpodautoscalers',
  'autoscaling/v2/horizontalpodautoscalers',
  'batch/v1/cronjobs',
  'coordination.k8s.io/v1/leases',
  'discovery.k8s.io/v1/endpointslices',
  'events.k8s.io/v1/events',
  'networking.k8s.io/v1/networkpolicies',
  'policy/v1/poddisruptionbudgets',
  'resource.k8s.io/v1/resourceslices',
  'scheduling.k8s.io/v1/priorityclasses',
  'storage.k8s.io/v1/csidrivers',
  'storage.k8s.io/v1/csinodes',
  'storage.k8s.io/v1/volumeattachments',
])
