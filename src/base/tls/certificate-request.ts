/** Reads requests for certificates as far as somebody must know who asks (https://www.rfc-editor.org/rfc/rfc2986). */

const ARMOR = /^\s*-----BEGIN ([A-Z0-9 ]{1,64})-----\n([A-Za-z0-9+/=\s]*)-----END ([A-Z0-9 ]{1,64})-----\s*$/
const NOT_A_REQUEST = 'asn1: structure error: not a certificate request'

export interface RequestedSubject {
  readonly commonName: string
  readonly organizations: readonly string[]
}

/** Whom the PEM asks a certificate for; a text tells what is wrong with it. Signatures are not checked. */
export function readCertificateRequest(pem: string): RequestedSubject | string {
  const [, type, body = '', end] = ARMOR.exec(pem.replaceAll('\r\n', '\n')) ?? []
  if (type !== 'CERTIFICATE REQUEST' || end !== type) return 'PEM block type must be CERTIFICATE REQUEST'
  return readSubject(Buffer.from(body, 'base64')) ?? NOT_A_REQUEST
}

interface Value {
  readonly tag: number
  readonly content: Buffer
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const OBJECT_ID = 0x06
/** The object identifiers 2.5.4.3 and 2.5.4.10. */
const COMMON_NAME = '550403'
const ORGANIZATION = '55040a'

function readSubject(bytes: Buffer): RequestedSubject | undefined {
  const [outer, ...after] = readAll(bytes) ?? []
  if (outer?.tag !== SEQUENCE || after.length > 0) return undefined
  const [info, algorithm, signature] = readAll(outer.content) ?? []
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) return undefined
  const [version, name, key] = readAll(info.content) ?? []
  if (version?.tag !== INTEGER || name?.tag !== SEQUENCE || key?.tag !== SEQUENCE) return undefined
  const attributes = readName(name.content)
  if (attributes === undefined) return undefined
  const valuesOf = (wanted: string) => attributes.filter(([id]) => id === wanted).map(([, text]) => text)
  return { commonName: valuesOf(COMMON_NAME)[0] ?? '', organizations: valuesOf(ORGANIZATION) }
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
    values.push({ tag: bytes[at]!, content: bytes.subarray(header.start, header.end) })
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
