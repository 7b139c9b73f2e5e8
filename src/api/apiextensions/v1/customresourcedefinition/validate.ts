/** What is wrong with a definition: its names, versions, conversion (https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dns1035Label, dnsSubdomain } from '../../../../meta/names.ts'
import {
  duplicate,
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  notSupported,
  required,
  isRepeated,
} from '../../../../meta/validation.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../generated/apiextensions-v1.ts'
import { validateClientConfig } from '../../../webhook.ts'
import { validateStructuralSchema } from './validate-schema.ts'

type Definition = DeepReadonly<CustomResourceDefinition>
type Spec = DeepReadonly<CustomResourceDefinitionSpec>

const SCOPES = ['Cluster', 'Namespaced']
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** Every fault of a new definition. */
export function validateDefinition({ metadata, spec }: Definition, root: FieldPath): FieldError[] {
  const expected = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`
  const name = metadata.name ?? ''
  const faults =
    name === expected
      ? []
      : [invalidValue(root.child('metadata', 'name'), name, 'must be spec.names.plural+"."+spec.group')]
  return [...faults, ...validateSpec(spec, root.child('spec'))]
}

/** Names that objects are kept under, and where they live, never change once they are established. */
export function validateDefinitionUpdate(object: Definition, old: Definition, root: FieldPath): FieldError[] {
  const { spec } = object
  const path = root.child('spec')
  const faults = validateSpec(spec, path)
  if (!isEstablished(old)) return faults
  return [
    ...faults,
    ...immutableField(spec.group, old.spec.group, path.child('group')),
    ...immutableField(spec.scope, old.spec.scope, path.child('scope')),
    ...immutableField(spec.names?.kind, old.spec.names?.kind, path.child('names', 'kind')),
    ...immutableField(spec.names?.plural, old.spec.names?.plural, path.child('names', 'plural')),
    ...missingStored(object, root),
  ]
}

const isEstablished = ({ status }: Definition) =>
  (status?.conditions ?? []).some((condition) => condition.type === 'Established' && condition.status === 'True')

function missingStored({ spec, status }: Definition, root: FieldPath): FieldError[] {
  const names = new Set(spec.versions?.map(({ name }) => name))
  const path = root.child('status', 'storedVersions')
  return (status?.storedVersions ?? []).flatMap((name, at) =>
    names.has(name)
      ? []
      : [
          invalidValue(
            path.index(at),
            name,
            'missing from spec.versions; it must remain until it is removed from status.storedVersions',
          ),
        ],
  )
}

function validateSpec(spec: Spec | undefined, path: FieldPath): FieldError[] {
  const { group = '', scope = '', versions = [], names } = spec ?? {}
  const faults: FieldError[] = []
  if (group === '') faults.push(required(path.child('group')))
  else {
    faults.push(...invalidEach(path.child('group'), group, dnsSubdomain(group)))
    if (!group.includes('.')) {
      faults.push(invalidValue(path.child('group'), group, 'should be a domain with at least one dot'))
    }
  }
  if (scope === '') faults.push(required(path.child('scope')))
  else if (!SCOPES.includes(scope)) faults.push(notSupported(path.child('scope'), scope, SCOPES))
  faults.push(...versions.flatMap((version, at) => validateVersion(version, path.child('versions').index(at), spec)))
  faults.push(...validateVersionList(versions, path.child('versions')))
  faults.push(...validateNames(names, path.child('names')))
  if (spec?.preserveUnknownFields === true) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    faults.push(invalidValue(path.child('preserveUnknownFields'), true, detail))
  }
  return [...faults, ...validateConversion(spec?.conversion, path.child('conversion'))]
}

function validateVersionList(versions: readonly DeepReadonly<CustomResourceDefinitionVersion>[], path: FieldPath) {
  const names = versions.map(({ name }) => name)
  const faults: FieldError[] = []
  if (new Set(names).size < names.length) {
    faults.push(invalidValue(path, names, 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    faults.push(invalidValue(path, names, 'must have exactly one version marked as storage version'))
  }
  return faults
}

function validateVersion(
  version: DeepReadonly<CustomResourceDefinitionVersion>,
  path: FieldPath,
  spec: Spec | undefined,
): FieldError[] {
  const { name, schema, subresources, additionalPrinterColumns = [], deprecated, deprecationWarning } = version
  const faults = invalidEach(path.child('name'), name ?? '', dns1035Label(name ?? ''))
  if (deprecationWarning !== undefined && deprecated !== true) {
    const detail = 'can only be set for deprecated versions'
    faults.push(invalidValue(path.child('deprecationWarning'), deprecationWarning, detail))
  }
  const root = path.child('schema', 'openAPIV3Schema')
  if (schema?.openAPIV3Schema === undefined) faults.push(required(root, 'schemas are required'))
  else {
    const isPreserving = spec?.preserveUnknownFields === true
    faults.push(...validateStructuralSchema(schema.openAPIV3Schema, root, isPreserving))
  }
  const { scale } = subresources ?? {}
  if (scale !== undefined) {
    const at = path.child('subresources', 'scale')
    faults.push(...jsonPath(scale.specReplicasPath, '.spec.', at.child('specReplicasPath')))
    faults.push(...jsonPath(scale.statusReplicasPath, '.status.', at.child('statusReplicasPath')))
    const { labelSelectorPath: selector = '' } = scale
    if (selector !== '' && !selector.startsWith('.spec.') && !selector.startsWith('.status.')) {
      const detail = 'should be a json path under either .status or .spec'
      faults.push(invalidValue(at.child('labelSelectorPath'), selector, detail))
    }
  }
  const columns = path.child('additionalPrinterColumns')
  return [...faults, ...additionalPrinterColumns.flatMap((column, at) => validateColumn(column, columns.index(at)))]
}

function jsonPath(text: string | undefined, under: string, path: FieldPath): FieldError[] {
  if (text === undefined || text === '') return [required(path)]
  if (text.startsWith(under)) return []
  return [invalidValue(path, text, `should be a json path under ${under.slice(0, -1)}`)]
}

function validateColumn(column: DeepReadonly<CustomResourceColumnDefinition>, path: FieldPath): FieldError[] {
  const { name = '', type = '', format = '', jsonPath: from = '' } = column
  const faults: FieldError[] = []
  if (name === '') faults.push(required(path.child('name')))
  if (type === '') faults.push(required(path.child('type'), `must be one of ${COLUMN_TYPES.join(',')}`))
  else if (!COLUMN_TYPES.includes(type)) {
    faults.push(invalidValue(path.child('type'), type, `must be one of ${COLUMN_TYPES.join(',')}`))
  }
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    faults.push(invalidValue(path.child('format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`))
  }
  if (from === '') faults.push(required(path.child('jsonPath')))
  return faults
}

function validateNames(names: DeepReadonly<CustomResourceDefinitionNames> | undefined, path: FieldPath): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names ?? {}
  const mixed = (text: string) =>
    dns1035Label(text.toLowerCase()).map((fault) => `may have mixed case, but should otherwise match: ${fault}`)
  const named = (field: string, text: string, faults: (text: string) => string[]) =>
    text === '' ? [] : invalidEach(path.child(field), text, faults(text))
  const faults: FieldError[] = []
  if (plural === '') faults.push(required(path.child('plural')))
  if (singular === '') faults.push(required(path.child('singular')))
  if (kind === '') faults.push(required(path.child('kind')))
  if (listKind === '') faults.push(required(path.child('listKind')))
  faults.push(
    ...named('plural', plural, dns1035Label),
    ...named('singular', singular, dns1035Label),
    ...named('kind', kind, mixed),
    ...named('listKind', listKind, mixed),
  )
  shortNames.forEach((name, at) =>
    faults.push(...invalidEach(path.child('shortNames').index(at), name, dns1035Label(name))),
  )
  if (kind !== '' && kind === listKind) {
    faults.push(invalidValue(path.child('listKind'), listKind, 'kind and listKind may not be the same'))
  }
  categories.forEach((name, at) =>
    faults.push(...invalidEach(path.child('categories').index(at), name, dns1035Label(name))),
  )
  return faults
}

function validateConversion(
  conversion: DeepReadonly<CustomResourceConversion> | undefined,
  path: FieldPath,
): FieldError[] {
  const { strategy, webhook } = conversion ?? {}
  if (strategy === undefined || strategy === '') return [required(path.child('strategy'))]
  const at = path.child('webhook')
  if (strategy !== 'Webhook') {
    const faults = strategy === 'None' ? [] : [notSupported(path.child('strategy'), strategy, ['None', 'Webhook'])]
    return webhook === undefined
      ? faults
      : [...faults, forbiddenField(at, 'should not be set when strategy is not set to Webhook')]
  }
  if (webhook === undefined) return [required(at, 'required when strategy is set to Webhook')]
  const { clientConfig, conversionReviewVersions: versions = [] } = webhook
  const review = at.child('conversionReviewVersions')
  const faults =
    clientConfig === undefined
      ? [required(at.child('clientConfig'), 'required when strategy is set to Webhook')]
      : validateClientConfig(clientConfig, at.child('clientConfig'))
  if (versions.length === 0) return [...faults, required(review)]
  versions.forEach((name, position) => {
    if (isRepeated(versions, name, position)) faults.push(duplicate(review.index(position), name))
    else faults.push(...invalidEach(review.index(position), name, dns1035Label(name)))
  })
  if (!versions.includes('v1') && !versions.includes('v1beta1')) {
    faults.push(invalidValue(review, versions, 'must include at least one of v1, v1beta1'))
  }
  return faults
}
