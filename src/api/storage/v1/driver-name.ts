/** The name of a CSI driver (https://kubernetes-csi.github.io/docs/csi-driver-object.html). */

import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { dnsSubdomain, qualifiedName } from '../../../meta/names.ts'
import { invalidEach, required, tooLong } from '../../../meta/validation.ts'

const MAX_DRIVER = 63

/** A driver's name is a subdomain, in any case, that fits a label. */
export function validateDriverName(name: string | undefined, path: FieldPath): FieldError[] {
  if (name === undefined || name === '') return [required(path)]
  const faults = name.length > MAX_DRIVER ? [tooLong(path, MAX_DRIVER)] : []
  return [...faults, ...invalidEach(path, name, dnsSubdomain(name.toLowerCase()))]
}

/** Who makes volumes: a name with or without a domain, in any case. */
export function validateProvisioner(name: string | undefined, path: FieldPath): FieldError[] {
  if (name === undefined || name === '') return [required(path)]
  const lower = name.toLowerCase()
  return invalidEach(path, lower, qualifiedName(lower))
}
