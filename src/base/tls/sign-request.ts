/** Certificates for requests that somebody else made, with the usages they ask for (https://www.rfc-editor.org/rfc/rfc5280). */

import { createPrivateKey, X509Certificate } from 'node:crypto'

import type { AskedCertificate } from './certificate-request.ts'
import { extension, keyId, type KeyPair, signed, subjectOf } from './certificates.ts'
import { bitString, implicit, objectId, sequence } from './der.ts'

/** The bits of "key usage" by Kubernetes's names for them (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/certificate-signing-request-v1/). */
const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
}

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

export interface Terms {
  /** Kubernetes's names; unknown ones are left out. */
  readonly usages: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
}

/** A certificate for the request: its subject, its key and its alternative names, never an authority. */
export function signRequest(authority: KeyPair, asked: AskedCertificate, terms: Terms): string {
  const issuer = new X509Certificate(authority.certificate)
  const names = [
    ...asked.dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...asked.emailAddresses.map((name) => implicit(1, Buffer.from(name, 'latin1'))),
    ...asked.ipAddresses.map((address) => implicit(7, address)),
    ...asked.uris.map((uri) => implicit(6, Buffer.from(uri, 'latin1'))),
  ]
  const purposes = [...new Set(terms.usages.flatMap((usage) => EXTENDED_USAGES[usage] ?? []))]
  const extensions = [
    ...keyUsage(terms.usages),
    ...(purposes.length === 0 ? [] : [extension('2.5.29.37', sequence(...purposes.map(objectId)))]),
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.35', sequence(implicit(0, keyId(issuer.publicKey)))),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
  ]
  return signed({
    request: terms,
    subject: asked.subject,
    issuer: subjectOf(issuer),
    publicKey: asked.publicKey,
    extensions,
    signer: createPrivateKey(authority.key),
  })
}

/** Bit 0 is the highest of the first byte; trailing zero bits are not written. */
function keyUsage(usages: readonly string[]) {
  const bits = usages.flatMap((usage) => KEY_USAGES[usage] ?? [])
  if (bits.length === 0) return []
  const last = Math.max(...bits)
  const bytes = Buffer.alloc(last > 7 ? 2 : 1)
  for (const bit of bits) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  return [extension('2.5.29.15', bitString(bytes, 7 - (last & 7)), true)]
}
