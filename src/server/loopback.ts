/** What it takes to serve programs of this machine only: an address, and certificates made for the occasion. */

import { systemClock } from '../base/clock.ts'
import { createAuthority, issueCertificate, type KeyPair } from '../base/tls/certificates.ts'
import { MASTERS_GROUP } from '../client/user.ts'

export const LOOPBACK = '127.0.0.1'

export interface LoopbackCertificates {
  readonly authority: KeyPair
  readonly server: KeyPair
  /** A client who may do everything. */
  readonly admin: KeyPair
}

const DAY_MS = 86_400_000
const CENTURY_MS = 100 * 365.25 * DAY_MS

/** An authority whose certificate holds at any time that a cluster may be set to. */
export const loopbackAuthority = (): KeyPair =>
  createAuthority({ commonName: 'gorae-loopback', notBefore: 0, notAfter: systemClock.now() + CENTURY_MS })

/** Certificates that hold for a day of real time, whatever time the cluster is on. */
export function loopbackCertificates(authority: KeyPair = loopbackAuthority()): LoopbackCertificates {
  const now = systemClock.now()
  const validity = { notBefore: now - DAY_MS, notAfter: now + DAY_MS }
  const server = {
    commonName: 'kube-apiserver',
    dnsNames: ['localhost'],
    ipAddresses: [LOOPBACK],
    usages: ['server'] as const,
  }
  const admin = { commonName: 'kubernetes-admin', organizations: [MASTERS_GROUP], usages: ['client'] as const }
  return {
    authority,
    server: issueCertificate(authority, { ...server, ...validity }),
    admin: issueCertificate(authority, { ...admin, ...validity }),
  }
}

/** Where a server that has these certificates listens; `port` 0 is any free one. */
export function loopbackListener({ authority, server }: LoopbackCertificates, port = 0) {
  return { host: LOOPBACK, port, ...server, clientCa: authority.certificate }
}
