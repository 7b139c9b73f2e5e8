/**
 * Approves what kubelets may ask for, signs what is approved, and removes what is done with
 * (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/).
 */

import { X509Certificate } from 'node:crypto'

import type { CertificateSigningRequestCondition } from '../../api/generated/certificates-v1.ts'
import { toTime } from '../../base/clock.ts'
import { type AskedCertificate, readSignedRequest } from '../../base/tls/certificate-request.ts'
import type { KeyPair } from '../../base/tls/certificates.ts'
import { signRequest } from '../../base/tls/sign-request.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CERTIFICATE_SIGNING_REQUESTS, SUBJECT_ACCESS_REVIEWS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import { holds, isIssued, type ReadRequest, removalTime } from './cleaning.ts'
import { KUBELET_CLIENT_SIGNER, kubeletClientFault, signers, validity } from './signers.ts'

const CLEAN_EVERY_MS = 3_600_000

/** What a kubelet may be given without anybody looking, if whoever asks may create that. */
const APPROVALS = [
  {
    subresource: 'selfnodeclient',
    isFor: (request: ReadRequest, asked: AskedCertificate) => request.spec.username === asked.commonName,
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  },
  {
    subresource: 'nodeclient',
    isFor: () => true,
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  },
] as const

/** Without an authority nothing is signed; the rest goes on. */
export function certificateController(deps: ControllerDeps, authority: KeyPair | undefined): Controller {
  const { client, clock } = deps
  const requests = deps.informers.of(CERTIFICATE_SIGNING_REQUESTS)
  const queue = createWorkQueue(clock)
  const enqueue = (request: ReadRequest) => queue.add(nameOf(request))
  requests.on({ added: enqueue, updated: enqueue })
  const authorityEnds = authority === undefined ? 0 : endOf(authority.certificate)

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const request = requests.get(name)
    if (request === undefined) return settled
    const removal = removalTime(request, certificateEnd(request))
    if (removal !== undefined && removal <= clock.now()) {
      await remove(request, signal)
      return settled
    }
    const asked = readSignedRequest(Buffer.from(request.spec.request, 'base64').toString('latin1'))
    if (holds(request, 'Approved')) await sign(request, asked, signal)
    else if (!holds(request, 'Denied') && typeof asked !== 'string') await approve(request, asked, signal)
    return removal === undefined ? settled : again(Math.min(removal - clock.now(), CLEAN_EVERY_MS))
  }

  const approve = async (request: ReadRequest, asked: AskedCertificate, signal: AbortSignal): Promise<void> => {
    const { signerName, usages = [] } = request.spec
    if (signerName !== KUBELET_CLIENT_SIGNER || kubeletClientFault(asked, usages) !== undefined) return
    for (const { subresource, isFor, message } of APPROVALS) {
      if (!isFor(request, asked) || !(await mayCreate(request, subresource, signal))) continue
      const condition = { type: 'Approved', status: 'True' as const, reason: 'AutoApproved', message }
      await client.update(
        CERTIFICATE_SIGNING_REQUESTS,
        withCondition(request, condition),
        { subresource: 'approval' },
        signal,
      )
      return
    }
  }

  const mayCreate = async ({ spec }: ReadRequest, subresource: string, signal: AbortSignal): Promise<boolean> => {
    const { username = '', uid = '', groups = [], extra = {} } = spec
    const resourceAttributes = {
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      verb: 'create',
      subresource,
      version: '*',
    }
    const review = { metadata: {}, spec: { user: username, uid, groups, extra, resourceAttributes } }
    return (await client.create(SUBJECT_ACCESS_REVIEWS, review, undefined, signal)).status?.allowed === true
  }

  const sign = async (request: ReadRequest, asked: AskedCertificate | string, signal: AbortSignal): Promise<void> => {
    const { signerName, usages = [], expirationSeconds } = request.spec
    const check = signers.get(signerName)
    if (authority === undefined || check === undefined || isIssued(request) || holds(request, 'Failed')) return
    const fault = typeof asked === 'string' ? asked : check(asked, usages)
    if (fault !== undefined || typeof asked === 'string') {
      const reason = 'SignerValidationFailure'
      const failed = { type: 'Failed', status: 'True' as const, reason, message: fault ?? '' }
      await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, withCondition(request, failed), undefined, signal)
      return
    }
    const now = clock.now()
    if (now >= authorityEnds) throw new Error('the cluster authority has run out: it signs nothing')
    const pem = signRequest(authority, asked, { usages, ...validity(expirationSeconds, now, authorityEnds) })
    const status = { ...request.status, certificate: Buffer.from(pem).toString('base64') }
    await client.updateStatus(CERTIFICATE_SIGNING_REQUESTS, { ...request, status }, undefined, signal)
  }

  const withCondition = (request: ReadRequest, news: CertificateSigningRequestCondition): ReadRequest => {
    const condition = { ...news, lastUpdateTime: toTime(clock.now()) }
    return { ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] } }
  }

  const remove = async (request: ReadRequest, signal: AbortSignal): Promise<void> => {
    try {
      const preconditions = { uid: uidOf(request) }
      await client.delete(CERTIFICATE_SIGNING_REQUESTS, { name: nameOf(request) }, { preconditions }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  return loopController({ name: 'certificatesigningrequest', queue, reconcile, log: deps.log, waitFor: [requests] })
}

const endOf = (pem: string): number => Date.parse(new X509Certificate(pem).validTo)

/** When the certificate that was issued runs out. Other signers may have issued what is none. */
function certificateEnd({ status }: ReadRequest): number | undefined {
  if (status?.certificate === undefined || status.certificate === '') return undefined
  try {
    return endOf(Buffer.from(status.certificate, 'base64').toString('latin1'))
  } catch {
    return undefined
  }
}
