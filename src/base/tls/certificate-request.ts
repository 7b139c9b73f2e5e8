/** Reads requests for certificates as far as somebody must know who asks (https://www.rfc-editor.org/rfc/rfc2986). */

import { createPublicKey, type KeyObject, verify } from 'node:crypto'

const ARMOR = /^\s*-----BEGIN ([A-Z0-9 ]{1,64})-----\n([A-Za-z0-9+/=\s]*)-----END ([A-Z0-9 ]{1,64})-----\s*$/
const NOT_A_REQUEST = 'asn1: structure error: not a certificate request'

export interface RequestedSubject {
  readonly commonName: string
  readonly organizations: readonly string[]
}

/** Everything a signer must know of a request. */
export interface AskedCertificate extends RequestedSubject {
  /** The subject as it was written, DER. */
  readonly subject: Buffer
  readonly publicKey: KeyObject
  readonly dnsNames: readonly string[]
  readonly emailAddresses: readonly string[]
  /** Four or sixteen bytes each. */
  readonly ipAddresses: readonly Buffer[]
  readonly uris: readonly string[]
}

/** Whom the PEM asks a certificate for; a text tells what is wrong with it. Signatures are not checked. */
export function readCertificateRequest(pem: string): RequestedSubject | string {
  const parts = readParts(pem)
  if (typeof parts === 'string') return parts
  const { commonName, organizations } = parts
  return { commonName, organizations }
}

/** The whole request, for somebody who signs it; a text tells what is wrong with it, a false signature included. */
export function readSignedRequest(pem: string): AskedCertificate | string {
  const parts = readParts(pem)
  if (typeof parts === 'string') return parts
  const { info, algorithm, signature, key, commonName, organizations, name, attributes } = parts
  let publicKey: KeyObject
  try {
    publicKey = createPublicKey({ key: key.whole, format: 'der', type: 'spki' })
  } catch {
    return 'x509: unsupported public key'
  }
  if (!isSignedBy(publicKey, info.whole, algorithm, signature)) {
    return 'unable to verify certificate request signature: x509: invalid signature'
  }
  const names = attributes === undefined ? [] : readAlternativeNames(attributes.content)
  if (names === undefined) return NOT_A_REQUEST
  const texts = (tag: number) => names.filter((one) => one.tag === tag).map(({ content }) => content.toString('latin1'))
  return {
    commonName,
    organizations,
    subject: name.whole,
    publicKey,
    emailAddresses: texts(0x81),
    dnsNames: texts(0x82),
    uris: texts(0x86),
    ipAddresses: names.filter(({ tag }) => tag === 0x87).map(({ content }) => content),
  }
}

/** The digests that signatures of requests are made with, by the identifier of the algorithm; null: the key decides. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2b6570': null,
}

function isSignedBy(publicKey: KeyObject, info: Buffer, algorithm: Value, signature: Value): boolean {
  const [id] = readAll(algorithm.content) ?? []
  const digest = id === undefined ? undefined : DIGESTS[id.content.toString('hex')]
  if (digest === undefined) return false
  try {
    return verify(digest, info, publicKey, signature.content.subarray(1))
  } catch {
    return false
  }
}

/** The names in the extension "subject alternative name" of the attribute "extension request". */
function readAlternativeNames(attributes: Buffer): readonly Value[] | undefined {
  for (const attribute of readAll(attributes) ?? []) {
    const [id, values] = readAll(attribute.content) ?? []
    if (id?.content.toString('hex') !== EXTENSION_REQUEST || values?.tag !== SET) continue
    const [extensions] = readAll(values.content) ?? []
    for (const extension of readAll(extensions?.content ?? Buffer.alloc(0)) ?? []) {
      const parts = readAll(extension.content) ?? []
      if (parts[0]?.content.toString('hex') !== ALTERNATIVE_NAMES) continue
      const [names] = readAll(parts.at(-1)?.content ?? Buffer.alloc(0)) ?? []
      return names?.tag === SEQUENCE ? readAll(names.content) : undefined
    }
  }
  return []
}

interface Value {
  readonly tag: number
  readonly content: Buffer
  /** With its tag and its length. */
  readonly whole: Buffer
}

interface Parts extends RequestedSubject {
  readonly info: Value
  readonly algorithm: Value
  readonly signature: Value
  readonly name: Value
  readonly key: Value
  readonly attributes: Value | undefined
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const OBJECT_ID = 0x06
/** The object identifiers 2.5.4.3 and 2.5.4.10. */
const COMMON_NAME = '550403'
const ORGANIZATION = '55040a'
/** 1.2.840.113549.1.9.14 and 2.5.29.17. */
const EXTENSION_REQUEST = '2a864886f70d01090e'
const ALTERNATIVE_NAMES = '551d11'

function readParts(pem: string): Parts | string {
  const [, type, body = '', end] = ARMOR.exec(pem.replaceAll('\r\n', '\n')) ?? []
  if (type !== 'CERTIFICATE REQUEST' || end !== type) return 'PEM block type must be CERTIFICATE REQUEST'
  return partsOf(Buffer.from(body, 'base64')) ?? NOT_A_REQUEST
}

function partsOf(bytes: Buffer): Parts | undefined {
  const [outer, ...after] = readAll(bytes) ?? []
  if (outer?.tag !== SEQUENCE || after.length > 0) return undefined
  const [info, algorithm, signature] = readAll(outer.content) ?? []
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) return undefined
  const [version, name, key, attributes] = readAll(info.content) ?? []
  if (version?.tag !== INTEGER || name?.tag !== SEQUENCE || key?.tag !== SEQUENCE) return undefined
  const named = readName(name.content)
  if (named === undefined) return undefined
  const valuesOf = (wanted: string) => named.filter(([id]) => id === wanted).map(([, text]) => text)
  const subject = { commonName: valuesOf(COMMON_NAME)[0] ?? '', organizations: valuesOf(ORGANIZATION) }
  return { ...subject, info, algorithm, signature, name, key, attributes }
}

function readName(bytes: Buffer): (readonly [id: string, text: string])[] | undefined {
  const found: (readonly [string, string])[] = []
  for (const part of readAll(bytes) ?? [undefined]) {
    if (part?.tag !== SET) return undefined
    for (const pair of readAll(part.content) ?? [undefined]) {
      const [id, text] = pair?.tag === SEQUENCE ? (readAll(pair.content) ?? []) : []
      if (id?.tag !== OBJECT_ID || text === undefined) return undefined
      found.push([id.content.toString('hex'), text.content.toString('utf8')])
    }
  }
  return found
}

/** The values side by side in `bytes`; undefined when they do not fill it exactly. */
function readAll(bytes: Buffer): Value[] | undefined {
  const values: Value[] = []
  for (let at = 0; at < bytes.length;) {
    const header = headerAt(bytes, at)
    if (header === undefined || header.end > bytes.length) return undefined
    values.push({
      tag: bytes[at]!,
      content: bytes.subarray(header.start, header.end),
      whole: bytes.subarray(at, header.end),
    })
    at = header.end
  }
  return values
}

function headerAt(bytes: Buffer, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = bytes[at + 1]
  if (first === undefined) return undefined
  if (first < 0x80) return { start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  if (count === 0 || count > 4 || at + 2 + count > bytes.length) return undefined
  const start = at + 2 + count
  return { start, end: start + bytes.readUIntBE(at + 2, count) }
}
