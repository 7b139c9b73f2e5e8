/**
 * A certificate authority and the certificates it issues: ECDSA P-256, made in about a millisecond each.
 * https://www.rfc-editor.org/rfc/rfc5280
 */

import {
  type KeyObject,
  X509Certificate,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto'
import { isIP } from 'node:net'

import {
  type Der,
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

/** A certificate with its private key, both PEM. The key is a secret: files of it are 0600. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** What a certificate says. Times are milliseconds since the epoch. */
export interface CertificateRequest {
  readonly commonName: string
  /** Kubernetes reads these as the user's groups. */
  readonly organizations?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  readonly usages: readonly ('client' | 'server')[]
  readonly notBefore: number
  readonly notAfter: number
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const

const SIGNATURE = sequence(objectId(OID.ecdsaWithSha256))

/** A new authority that signs for as long as `notAfter` says. */
export function createAuthority(request: Pick<CertificateRequest, 'commonName' | 'notBefore' | 'notAfter'>): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = nameOf(request.commonName, [])
  const extensions = [
    extension(OID.basicConstraints, sequence(boolean(true)), true),
    extension(OID.keyUsage, bitString(Buffer.from([0b1010_0110]), 1), true), // digitalSignature, keyEncipherment, certSign, crlSign
    extension(OID.subjectKeyId, octetString(keyId(publicKey))),
  ]
  const certificate = signed({ request, subject, issuer: subject, publicKey, extensions, signer: privateKey })
  return { certificate, key: pemOf(privateKey) }
}

/** A new key and its certificate, signed by `authority`. */
export function issueCertificate(authority: KeyPair, request: CertificateRequest): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { certificate: certify(authority, request, publicKey), key: pemOf(privateKey) }
}

/** A certificate for a public key that somebody else holds the private half of. */
function certify(authority: KeyPair, request: CertificateRequest, publicKey: KeyObject): string {
  const issuerCertificate = new X509Certificate(authority.certificate)
  const names = [
    ...(request.dnsNames ?? []).map((name) => implicit(2, Buffer.from(name, 'ascii'))),
    ...(request.ipAddresses ?? []).map((address) => implicit(7, ipBytes(address))),
  ]
  const usages = request.usages.map((usage) => objectId(OID[usage]))
  const extensions = [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, bitString(Buffer.from([0b1010_0000]), 5), true), // digitalSignature, keyEncipherment
    extension(OID.extendedKeyUsage, sequence(...usages)),
    extension(OID.authorityKeyId, sequence(implicit(0, keyId(issuerCertificate.publicKey)))),
    ...(names.length === 0 ? [] : [extension(OID.subjectAltName, sequence(...names))]),
  ]
  return signed({
    request,
    subject: nameOf(request.commonName, request.organizations ?? []),
    issuer: subjectOf(issuerCertificate),
    publicKey,
    extensions,
    signer: createPrivateKey(authority.key),
  })
}

/** A private key alone (PEM), for signing tokens, with its public half. */
export function createSigningKey(): { readonly key: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: pemOf(privateKey), publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

interface Unsigned {
  readonly request: Pick<CertificateRequest, 'notBefore' | 'notAfter'>
  readonly subject: Der
  readonly issuer: Der
  readonly publicKey: KeyObject
  readonly extensions: readonly Der[]
  readonly signer: KeyObject
}

/** A certificate, PEM, of these parts. */
export function signed({ request, subject, issuer, publicKey, extensions, signer }: Unsigned): string {
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40 // positive, and always sixteen bytes
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    SIGNATURE,
    issuer,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  )
  const certificate = sequence(body, SIGNATURE, bitString(sign('sha256', body, signer)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function nameOf(commonName: string, organizations: readonly string[]): Der {
  const part = (oid: string, text: string) => set(sequence(objectId(oid), utf8String(text)))
  return sequence(
    ...organizations.map((organization) => part(OID.organization, organization)),
    part(OID.commonName, commonName),
  )
}

/** Our own authorities have a common name only; their issuer field is that name again. */
export function subjectOf(certificate: X509Certificate): Der {
  const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1]
  if (commonName === undefined) throw new Error(`the authority's subject "${certificate.subject}" has no common name`)
  return nameOf(commonName, [])
}

/** An extension of a certificate. */
export function extension(oid: string, value: Der, critical = false): Der {
  return sequence(objectId(oid), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** How certificates name a key. */
export function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

/** As Kubernetes writes keys of this kind: the fabric8 client for Java takes every other PEM for RSA. */
const pemOf = (key: KeyObject): string => key.export({ type: 'sec1', format: 'pem' }).toString()

function ipBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  if (isIP(address) !== 6) throw new Error(`"${address}" is no IP address`)
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}
