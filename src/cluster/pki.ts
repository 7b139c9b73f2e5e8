/**
 * The certificates of a cluster: one authority, and one certificate for every part that proves itself.
 * https://kubernetes.io/docs/setup/best-practices/certificates/
 */

import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'

import type { Clock } from '../base/clock.ts'
import {
  type CertificateRequest,
  type KeyPair,
  createAuthority,
  createSigningKey,
  issueCertificate,
} from '../base/tls/certificates.ts'
import { UserError } from '../base/user-error.ts'
import type { ClusterPaths, PkiPaths } from './paths.ts'
import { type Ranges, nodeAddress, simulatedEndpoint } from './machine/ranges.ts'
import { type ClusterRecord, writeFileAtomic } from './record.ts'

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
const CERTIFICATE_DAYS = 365
/** A certificate with less than this left is issued anew by the next `up`. */
const RENEW_DAYS = 30

/** The file names, without extension, of the cluster-wide certificates. */
export const CA = 'ca'
export const SERVER = 'server'
export const ADMIN = 'admin'
/** The API server's own identity when it calls kubelets. */
export const KUBELET_CLIENT = 'kubelet-client'
/** Signs service account tokens. */
export const SERVICE_ACCOUNTS = 'sa'

export const nodeClientCertificate = (node: string): string => `node-${node}`
export const nodeServerCertificate = (node: string): string => `node-${node}-server`

/** Makes what is missing, and renews what soon runs out. Keys are readable by their owner only. */
export function ensurePki(paths: ClusterPaths, record: ClusterRecord, ranges: Ranges, clock: Clock): void {
  const { pki } = paths
  mkdirSync(pki.dir, { recursive: true, mode: 0o700 })
  const now = clock.now()
  const times = { notBefore: now - DAY_MS, notAfter: now + CERTIFICATE_DAYS * DAY_MS }
  const authority = ensurePair(pki, CA, now, () =>
    createAuthority({ commonName: 'kubernetes', ...times, notAfter: now + AUTHORITY_DAYS * DAY_MS }),
  )
  const issuer = new X509Certificate(authority.certificate)
  const ensure = (name: string, request: Omit<CertificateRequest, 'notBefore' | 'notAfter'>) =>
    ensurePair(pki, name, now, () => issueCertificate(authority, { ...request, ...times }), issuer)

  ensure(SERVER, {
    commonName: 'kube-apiserver',
    dnsNames: serverNames(),
    ipAddresses: ['127.0.0.1', '::1', ranges.host, ranges.apiService],
    usages: ['server'],
  })
  ensure(ADMIN, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] })
  ensure(KUBELET_CLIENT, {
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
    usages: ['client'],
  })
  for (const [at, node] of record.nodes.entries()) {
    ensure(nodeClientCertificate(node), {
      commonName: `system:node:${node}`,
      organizations: ['system:nodes'],
      usages: ['client'],
    })
    ensure(nodeServerCertificate(node), {
      commonName: `system:node:${node}`,
      organizations: ['system:nodes'],
      dnsNames: [node],
      ipAddresses: ['127.0.0.1', nodeAddress(record.index, at + 1), simulatedEndpoint(record.index, at + 1).address],
      usages: ['server'],
    })
  }
  if (existsSync(pki.key(SERVICE_ACCOUNTS))) readKey(pki, SERVICE_ACCOUNTS, readPair(pki, SERVICE_ACCOUNTS))
  else {
    const { key, publicKey } = createSigningKey()
    writeFileAtomic(pki.certificate(SERVICE_ACCOUNTS), publicKey)
    writeFileAtomic(pki.key(SERVICE_ACCOUNTS), key, { mode: 0o600 })
  }
}

/** Reads a pair that `ensurePki` made. */
export function readPair(pki: PkiPaths, name: string): KeyPair {
  try {
    return { certificate: readFileSync(pki.certificate(name), 'utf8'), key: readFileSync(pki.key(name), 'utf8') }
  } catch (error) {
    throw damaged(pki, name, error)
  }
}

function serverNames(): string[] {
  const inCluster = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ]
  const host = hostname()
  return ['localhost', ...(/^[\w.-]+$/.test(host) ? [host] : []), ...inCluster]
}

function ensurePair(pki: PkiPaths, name: string, now: number, make: () => KeyPair, issuer?: X509Certificate): KeyPair {
  if (existsSync(pki.certificate(name)) && existsSync(pki.key(name))) {
    const kept = readPair(pki, name)
    if (isGood(pki, name, kept, now, issuer)) return kept
    if (issuer === undefined)
      throw new UserError(`the cluster's authority ${pki.certificate(name)} runs out`, 'make a new cluster')
  }
  const pair = make()
  writeFileAtomic(pki.key(name), pair.key, { mode: 0o600 })
  writeFileAtomic(pki.certificate(name), pair.certificate)
  return pair
}

function isGood(pki: PkiPaths, name: string, pair: KeyPair, now: number, issuer?: X509Certificate): boolean {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pair.certificate)
  } catch (error) {
    throw damaged(pki, name, error)
  }
  if (!certificate.checkPrivateKey(readKey(pki, name, pair)))
    throw damaged(pki, name, new Error('one does not belong to the other'))
  const left = new Date(certificate.validTo).getTime() - now
  return left > RENEW_DAYS * DAY_MS && (issuer === undefined || certificate.verify(issuer.publicKey))
}

function readKey(pki: PkiPaths, name: string, { key }: KeyPair): KeyObject {
  try {
    return createPrivateKey(key)
  } catch (error) {
    throw damaged(pki, name, error)
  }
}

const damaged = (pki: PkiPaths, name: string, cause: unknown) =>
  new UserError(
    `the certificate ${pki.certificate(name)} or its key cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    'put back both files, or delete both to have them issued anew by: gorae up',
    { cause },
  )
