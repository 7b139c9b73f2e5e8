/** Signs what is approved (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers). */

import { X509Certificate } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'
import type { AskedCertificate } from '../../base/tls/certificate-request.ts'
import type { KeyPair } from '../../base/tls/certificates.ts'
import { signRequest } from '../../base/tls/sign-request.ts'
import type { Client } from '../../client/client.ts'
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.ts'
import { holds, isIssued, type ReadRequest } from './cleaning.ts'
import { withCondition } from './conditions.ts'
import { signers, validity } from './signers.ts'

/** A cluster's authority, and when it runs out. */
export interface Authority {
  readonly keys: KeyPair
  readonly endsAt: number
}

export interface SignDeps {
  readonly client: Client
  readonly clock: Clock
  /** Absent: nothing is signed. */
  readonly authority: Authority | undefined
}

/** `asked` is what the request asks for, or why that cannot be read. */
export async function sign(
  { client, clock, authority }: SignDeps,
  request: ReadRequest,
  asked: AskedCertificate | string,
  signal: AbortSignal,
): Promise<void> {
  const { signerName, usages = [], expirationSeconds } = request.spec
  const check = signers.get(signerName)
  if (authority === undefined || check === undefined || isIssued(request) || holds(request, 'Failed')) return
  const now = clock.now()
  const fault = typeof asked === 'string' ? asked : check(asked, usages)
  if (fault !== undefined || typeof asked === 'string') {
    const reason = 'SignerValidationFailure'
    const failed = { type: 'Failed', status: 'True' as const, reason, message: fault ?? '' }
    await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, withCondition(request, failed, now), undefined, signal)
    return
  }
  const { keys, endsAt } = authority
  if (now >= endsAt) throw new Error('the cluster authority has run out: it signs nothing')
  const pem = signRequest(keys, asked, { usages, ...validity(expirationSeconds, now, endsAt) })
  const status = { ...request.status, certificate: Buffer.from(pem).toString('base64') }
  await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, { ...request, status }, undefined, signal)
}

/** When a certificate runs out. Throws for what is none. */
export const endOf = (pem: string): number => Date.parse(new X509Certificate(pem).validTo)
