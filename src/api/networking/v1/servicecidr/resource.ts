/** ServiceCIDR, networking.k8s.io/v1: ranges that Services get addresses from (https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects). */

import { canonicalCidrFault } from '../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { invalidValue, immutableField, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { ServiceCIDR, ServiceCIDRSpec } from '../../../generated/networking-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'
import { parseCidr } from '../ip.ts'

export const serviceCidrs = defineResource<ServiceCIDR>('networking.k8s.io/v1/servicecidrs', {
  countsGeneration: false,
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: 'metadata',
  validate: ({ spec }, root) => validateSpec(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => immutableField(spec?.cidrs, old.spec?.cidrs, root.child('spec', 'cidrs')),
  columns: [nameColumn(), textColumn('CIDRs', ({ spec }) => (spec?.cidrs ?? []).join(',')), ageColumn()],
})

function validateSpec(spec: DeepReadonly<ServiceCIDRSpec> | undefined, path: FieldPath): FieldError[] {
  const at = path.child('cidrs')
  const { cidrs = [] } = spec ?? {}
  if (cidrs.length === 0) return [required(at, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalidValue(at, cidrs, 'may only hold up to 2 values')]
  const parsed = cidrs.map(parseCidr)
  const faults = cidrs.flatMap((cidr, position) => {
    const fault = canonicalCidrFault(cidr)
    return fault === undefined ? [] : [invalidValue(at.index(position), cidr, fault)]
  })
  if (faults.length === 0 && cidrs.length === 2 && parsed[0]?.family === parsed[1]?.family) {
    faults.push(
      invalidValue(
        at,
        cidrs,
        'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ),
    )
  }
  return faults
}
