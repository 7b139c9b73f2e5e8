/** Which addresses may stand for a Service or an endpoint. */

import { readAddress } from '../../../../meta/addresses.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { invalidValue } from '../../../../meta/validation.ts'

/** An address that leads somewhere: not the machine itself, not its own link. */
export function validateNonSpecialIp(address: string, path: FieldPath): FieldError[] {
  const read = readAddress(address)
  if (read === undefined) return [invalidValue(path, address, 'must be a valid IP address')]
  const fault = read.family === 4 ? specialV4(read.canonical) : specialV6(read.canonical)
  return fault === undefined ? [] : [invalidValue(path, address, fault)]
}

const LOOPBACK = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'
const LINK_LOCAL = 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'
const LINK_MULTICAST = 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'

function specialV4(address: string): string | undefined {
  if (address === '0.0.0.0') return `may not be unspecified (${address})`
  if (address.startsWith('127.')) return LOOPBACK
  if (address.startsWith('169.254.')) return LINK_LOCAL
  return address.startsWith('224.0.0.') ? LINK_MULTICAST : undefined
}

function specialV6(address: string): string | undefined {
  if (/^[0:]+$/.test(address)) return `may not be unspecified (${address})`
  if (/^[0:]+:0*1$/.test(address)) return LOOPBACK
  if (/^fe[89ab]/.test(address)) return LINK_LOCAL
  return address.startsWith('ff02:') ? LINK_MULTICAST : undefined
}
