/**
 * Who may ask for, approve and sign certificates
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificateapproval).
 */

import { parseRequest } from '../../api/certificates/v1/certificatesigningrequest/validate.ts'
import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import { MASTERS_GROUP } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { deepEqual } from '../../meta/validation.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { creates, isResource, refusal } from './refuse.ts'

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io'
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'

/** Notes who asks; nobody asks in the name of another. */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  mutate(request) {
    if (!creates(request, REQUESTS)) return
    const { spec } = request.object as CertificateSigningRequest
    const { name, uid, groups, extra } = request.user
    spec.username = name
    spec.groups = [...groups]
    if (uid === undefined) delete spec.uid
    else spec.uid = uid
    if (extra === undefined) delete spec.extra
    else spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]))
  },
}

/** Notes since when a condition holds, where whoever sets it does not say. */
export function certificateConditionTimes(clock: Clock): AdmissionPlugin {
  return {
    name: 'CertificateConditionTimes',
    mutate(request) {
      const { operation, subresource, object, old } = request
      if (operation !== 'UPDATE' || !isResource(request, REQUESTS)) return
      if (subresource !== 'approval' && subresource !== 'status') return
      const before = (old as DeepReadonly<CertificateSigningRequest>).status?.conditions ?? []
      const now = toTime(clock.now())
      for (const condition of (object as CertificateSigningRequest).status?.conditions ?? []) {
        const same = before.find(({ type, status }) => type === condition.type && status === condition.status)
        condition.lastUpdateTime ??= now
        condition.lastTransitionTime ??= same?.lastTransitionTime ?? now
      }
    },
  }
}

/** Approving takes a right of its own, for each signer. */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(request) {
      const { operation, subresource, old } = request
      if (operation !== 'UPDATE' || subresource !== 'approval' || !isResource(request, REQUESTS)) return
      const { signerName } = (old as DeepReadonly<CertificateSigningRequest>).spec
      if (maySign(authorizer, request, { verb: 'approve', signerName })) return
      throw refusal(request, `user not permitted to approve requests with signerName ${goQuote(signerName)}`)
    },
  }
}

/** So does signing. */
export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(request) {
      const { operation, subresource } = request
      if (operation !== 'UPDATE' || subresource !== 'status' || !isResource(request, REQUESTS)) return
      const now = request.object as CertificateSigningRequest
      const old = request.old as DeepReadonly<CertificateSigningRequest>
      const isSame =
        now.status?.certificate === old.status?.certificate && deepEqual(now.status?.conditions, old.status?.conditions)
      if (isSame || maySign(authorizer, request, { verb: 'sign', signerName: old.spec.signerName })) return
      throw refusal(request, `user not permitted to sign requests with signerName ${goQuote(old.spec.signerName)}`)
    },
  }
}

/** Nobody becomes a master by certificate. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (!creates(request, REQUESTS)) return
    const { spec } = request.object as CertificateSigningRequest
    if (spec.signerName !== CLIENT_SIGNER) return
    const subject = parseRequest(spec.request)
    if (typeof subject === 'string' || !subject.organizations.includes(MASTERS_GROUP)) return
    throw refusal(request, `use of ${CLIENT_SIGNER} signer with ${MASTERS_GROUP} group is not allowed`)
  },
}

interface Right {
  readonly verb: 'approve' | 'sign'
  readonly signerName: string
}

/** Rights are for one signer, or for all of its domain (`example.com/*`). */
function maySign(authorizer: Authorizer, { user }: AdmissionRequest, { verb, signerName }: Right): boolean {
  const domain = signerName.slice(0, signerName.indexOf('/'))
  const base = { verb, group: 'certificates.k8s.io', version: '*', resource: 'signers', subresource: '', namespace: '' }
  return [signerName, `${domain}/*`].some((name) => authorizer.onResource(user, { ...base, name }).isAllowed)
}
