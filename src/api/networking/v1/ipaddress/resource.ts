/** IPAddress, networking.k8s.io/v1: an address that somebody holds (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/#ip-address-objects). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain, pathSegmentName } from '../../../../meta/names.ts'
import { immutableField, invalidEach, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { IPAddress, IPAddressSpec } from '../../../generated/networking-v1.ts'
import { defineResource } from '../../../resource.ts'
import { canonicalIpFault } from '../../../../meta/addresses.ts'

export const ipAddresses = defineResource<IPAddress>('networking.k8s.io/v1/ipaddresses', {
  countsGeneration: false,
  validateName(name) {
    const fault = canonicalIpFault(name)
    return fault === undefined ? [] : [fault]
  },
  validate: ({ spec }, root) => validateSpec(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...validateSpec(spec, root.child('spec')),
    ...immutableField(spec?.parentRef, old.spec?.parentRef, root.child('spec', 'parentRef')),
  ],
  columns: [
    nameColumn(),
    textColumn('ParentRef', ({ spec }) => parentText(spec)),
    { ...ageColumn(), isUntitled: true },
  ],
})

function parentText(spec: DeepReadonly<IPAddressSpec> | undefined): string {
  if (spec?.parentRef === undefined) return '<none>'
  const { group = '', resource, namespace = '', name } = spec.parentRef
  return [group === '' ? resource : `${resource}.${group}`, namespace, name].filter((part) => part !== '').join('/')
}

function validateSpec(spec: DeepReadonly<IPAddressSpec> | undefined, path: FieldPath): FieldError[] {
  const at = path.child('parentRef')
  if (spec?.parentRef === undefined) return [required(at)]
  const { group = '', resource = '', namespace = '', name = '' } = spec.parentRef
  const faults: FieldError[] = group === '' ? [] : invalidEach(at.child('group'), group, dnsSubdomain(group))
  if (resource === '') faults.push(required(at.child('resource')))
  else faults.push(...invalidEach(at.child('resource'), resource, pathSegmentName(resource)))
  if (name === '') faults.push(required(at.child('name')))
  else faults.push(...invalidEach(at.child('name'), name, pathSegmentName(name)))
  if (namespace !== '') faults.push(...invalidEach(at.child('namespace'), namespace, pathSegmentName(namespace)))
  return faults
}
