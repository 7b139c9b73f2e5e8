/** Approves what kubelets may have without anybody looking (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#approval). */

import type { Clock } from '../../base/clock.ts'
import type { AskedCertificate } from '../../base/tls/certificate-request.ts'
import type { Client } from '../../client/client.ts'
import { CERTIFICATE_SIGNING_REQUESTS, SUBJECT_ACCESS_REVIEWS } from '../../client/resources.ts'
import type { ReadRequest } from './cleaning.ts'
import { withCondition } from './conditions.ts'
import { KUBELET_CLIENT_SIGNER, kubeletClientFault } from './signers.ts'

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

export interface ApproveDeps {
  readonly client: Client
  readonly clock: Clock
}

export async function approve(
  { client, clock }: ApproveDeps,
  request: ReadRequest,
  asked: AskedCertificate,
  signal: AbortSignal,
): Promise<void> {
  const { signerName, usages = [] } = request.spec
  if (signerName !== KUBELET_CLIENT_SIGNER || kubeletClientFault(asked, usages) !== undefined) return
  for (const { subresource, isFor, message } of APPROVALS) {
    if (!isFor(request, asked) || !(await mayCreate(client, request, subresource, signal))) continue
    const condition = { type: 'Approved', status: 'True' as const, reason: 'AutoApproved', message }
    const approved = withCondition(request, condition, clock.now())
    await client.update(CERTIFICATE_SIGNING_REQUESTS, approved, { subresource: 'approval' }, signal)
    return
  }
}

async function mayCreate(
  client: Client,
  { spec }: ReadRequest,
  subresource: string,
  signal: AbortSignal,
): Promise<boolean> {
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
