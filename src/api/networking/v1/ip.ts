/** Addresses and ranges as networking kinds write them (https://kubernetes.io/docs/concepts/services-networking/). */

import { isIP } from 'node:net'

/** An address and its prefix length; undefined when the text is no CIDR. */
export function parseCidr(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 4 | 6 } | undefined {
  const slash = text.indexOf('/')
  const address = text.slice(0, slash)
  const length = text.slice(slash + 1)
  const family = slash < 0 ? 0 : isIP(address)
  if ((family !== 4 && family !== 6) || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined
  const bits = Number(length)
  return bits > (family === 4 ? 32 : 128) ? undefined : { address, bits, family }
}
