/**
 * What every object's metadata must be, and what an update may not do to it
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/).
 */

import type { DeepReadonly } from './deep-readonly.ts'
import { type FieldError, type FieldPath, fieldPath } from './field-path.ts'
import { goStrings } from './go-quote.ts'
import { byteLength, labelName, labelValue, qualifiedName, subdomainName } from './names.ts'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './types.ts'
import {
  ENOUGH,
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  judgeAll,
  nonNegative,
  required,
  tooLong,
} from './validation.ts'

type Meta = DeepReadonly<ObjectMeta>
type Labels = Readonly<Record<string, string>>

/** All annotations of an object together, keys and values, in bytes. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])
const META = fieldPath('metadata')

export interface ObjectMetaRules {
  readonly namespaced: boolean
  /** The rule for the name; absent: a DNS subdomain. */
  readonly validateName?: ((name: string, isPrefix: boolean) => readonly string[]) | undefined
  /** Built-in kinds accept known finalizers and qualified ones only; custom ones any qualified name. */
  readonly anyFinalizer?: boolean
}

/** Every fault of the metadata of an object, the name rule of its kind included. */
export function validateObjectMeta(meta: Meta, rules: ObjectMetaRules, path: FieldPath = META): FieldError[] {
  const faults = [
    ...validateNames(meta, rules.validateName ?? subdomainName, path),
    ...validateNamespace(meta.namespace, rules.namespaced, path.child('namespace')),
    ...nonNegative(meta.generation, path.child('generation')),
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
    ...validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')),
    ...validateFinalizers(meta.finalizers, path.child('finalizers')),
    ...validateManagedFields(meta.managedFields, path.child('managedFields')),
  ]
  if (rules.anyFinalizer !== true) faults.push(...validateKnownFinalizers(meta, path))
  return faults
}

function validateNames(meta: Meta, rule: NonNullable<ObjectMetaRules['validateName']>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const { name = '', generateName = '' } = meta
  if (generateName !== '')
    faults.push(...invalidEach(path.child('generateName'), generateName, rule(generateName, true)))
  if (name === '') faults.push(required(path.child('name'), 'name or generateName is required'))
  else faults.push(...invalidEach(path.child('name'), name, rule(name, false)))
  return faults
}

function validateNamespace(namespace: string | undefined, namespaced: boolean, path: FieldPath): FieldError[] {
  const isSet = namespace !== undefined && namespace !== ''
  if (!namespaced) return isSet ? [forbiddenField(path, 'not allowed on this type')] : []
  return isSet ? invalidEach(path, namespace, labelName(namespace, false)) : [required(path)]
}

/** Faults of a set of labels; each names the whole map, as Kubernetes has it. */
export function validateLabels(labels: Labels | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const key in labels) {
    if (faults.length > ENOUGH) break
    const value = labels[key] ?? ''
    faults.push(...invalidEach(path, key, qualifiedName(key)), ...invalidEach(path, value, labelValue(value)))
  }
  return faults
}

/** Faults of annotations: their keys, and their size together. */
export function validateAnnotations(annotations: Labels | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  let size = 0
  for (const key in annotations) {
    if (faults.length > ENOUGH) break
    // Any case is good in a key here, but the prefix is a domain.
    faults.push(...invalidEach(path, key, qualifiedName(key.toLowerCase())))
    size += byteLength(key) + byteLength(annotations[key] ?? '')
  }
  if (size > MAX_ANNOTATIONS_BYTES) faults.push(tooLong(path, MAX_ANNOTATIONS_BYTES))
  return faults
}

function validateOwnerReferences(references: readonly OwnerReference[] | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  let controller: string | undefined
  for (const reference of references ?? []) {
    if (faults.length > ENOUGH) break
    faults.push(...validateOwnerReference(reference, path))
    if (reference.controller !== true) continue
    const name = `${reference.kind}/${reference.name}`
    if (controller === undefined) controller = name
    else {
      const words = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`
      faults.push(invalidValue(path, references, words))
    }
  }
  return faults
}

function validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldError[] {
  const { apiVersion, kind, name, uid } = reference
  const faults: FieldError[] = []
  const [, version = '', ...more] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  if (version === '' || more.length > 0) {
    faults.push(invalidValue(path.child('apiVersion'), apiVersion, 'version must not be empty'))
  }
  if (kind === '') faults.push(invalidValue(path.child('kind'), kind, 'must not be empty'))
  if (name === '') faults.push(invalidValue(path.child('name'), name, 'must not be empty'))
  if (uid === '') faults.push(invalidValue(path.child('uid'), uid, 'must not be empty'))
  if (apiVersion === 'v1' && kind === 'Event') {
    faults.push(invalidValue(path, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return faults
}

function validateFinalizers(finalizers: readonly string[] | undefined, path: FieldPath): FieldError[] {
  if (finalizers === undefined) return []
  const faults = finalizers.flatMap((finalizer) => invalidEach(path, finalizer, qualifiedName(finalizer)))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    faults.push(invalidValue(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return faults
}

/** The finalizers that built-in kinds do not take. */
export function validateKnownFinalizers({ finalizers }: Meta, path: FieldPath = META): FieldError[] {
  return judgeAll(finalizers, (finalizer, at) => knownFinalizer(finalizer, path.child('finalizers').index(at)))
}

/** A finalizer of a built-in kind: qualified by a domain, or one of Kubernetes's own. */
export function validateFinalizerName(finalizer: string, path: FieldPath): FieldError[] {
  return [...invalidEach(path, finalizer, qualifiedName(finalizer)), ...knownFinalizer(finalizer, path)]
}

function knownFinalizer(finalizer: string, path: FieldPath): FieldError[] {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return []
  return [invalidValue(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]
}

const MAX_MANAGER_BYTES = 128

/** A field manager's name is short and can be printed. */
export function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (Buffer.byteLength(manager) > MAX_MANAGER_BYTES) faults.push(tooLong(path, MAX_MANAGER_BYTES))
  const at = manager.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  if (at < 0) return faults
  const point = manager.codePointAt(at)!.toString(16).toUpperCase().padStart(4, '0')
  const position = Buffer.byteLength(manager.slice(0, at))
  return [...faults, invalidValue(path, manager, `invalid character U+${point} (at position ${position})`)]
}

function validateManagedFields(
  entries: readonly DeepReadonly<ManagedFieldsEntry>[] | undefined,
  path: FieldPath,
): FieldError[] {
  return judgeAll(entries, (entry, at) => {
    const here = path.index(at)
    const faults: FieldError[] = []
    const operation: string = entry.operation ?? ''
    if (operation !== 'Apply' && operation !== 'Update') {
      faults.push(invalidValue(here.child('operation'), operation, 'must be `Apply` or `Update`'))
    }
    const { fieldsType = '', manager = '', subresource = '' } = entry
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      faults.push(invalidValue(here.child('fieldsType'), fieldsType, 'must be `FieldsV1`'))
    }
    faults.push(...validateFieldManager(manager, here.child('manager')))
    if (subresource.length > 256) faults.push(tooLong(here.child('subresource'), 256))
    return faults
  })
}

/** What an update did to metadata that it may not do. What else metadata must be, `validateObjectMeta` says. */
export function validateObjectMetaUpdate(meta: Meta, old: Meta, path: FieldPath = META): FieldError[] {
  const faults: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    faults.push(...noNewFinalizers(meta.finalizers, old.finalizers, path.child('finalizers')))
  }
  if (meta.resourceVersion === undefined || meta.resourceVersion === '') {
    faults.push(invalidValue(path.child('resourceVersion'), '', 'must be specified for an update'))
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    faults.push(invalidValue(path.child('generation'), meta.generation ?? 0, 'must not be decremented'))
  }
  for (const field of FIXED_TEXTS)
    faults.push(...immutableField(meta[field] ?? '', old[field] ?? '', path.child(field)))
  for (const field of FIXED) faults.push(...immutableField(meta[field], old[field], path.child(field)))
  faults.push(
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
    ...validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')),
    ...validateManagedFields(meta.managedFields, path.child('managedFields')),
  )
  return faults
}

const FIXED_TEXTS = ['name', 'namespace', 'uid'] as const
const FIXED = ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

/** Once an object is being deleted its finalizers may only become fewer. */
function noNewFinalizers(
  finalizers: readonly string[] | undefined,
  old: readonly string[] | undefined,
  path: FieldPath,
): FieldError[] {
  const before = new Set(old)
  const added = [...new Set(finalizers ?? [])].filter((finalizer) => !before.has(finalizer)).sort()
  if (added.length === 0) return []
  const words = `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`
  return [forbiddenField(path, words)]
}

/** The metadata of a template: labels and annotations are checked, the rest does not matter. */
export function validateTemplateMeta(meta: Meta | undefined, path: FieldPath): FieldError[] {
  return [
    ...validateLabels(meta?.labels, path.child('labels')),
    ...validateAnnotations(meta?.annotations, path.child('annotations')),
  ]
}
