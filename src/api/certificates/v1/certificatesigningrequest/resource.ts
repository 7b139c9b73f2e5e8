/** CertificateSigningRequest, certificates.k8s.io/v1: a request for a certificate (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { draftOf } from '../../../../meta/deep-readonly.ts'
import { humanDuration } from '../../../../meta/human-duration.ts'
import { pathName } from '../../../../meta/names.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { CertificateSigningRequest, CertificateSigningRequestStatus } from '../../../generated/certificates-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus } from '../../../strategy.ts'
import { validateStatus } from './validate-status.ts'
import { validateRequest } from './validate.ts'

type Shared = DeepReadonly<CertificateSigningRequest>

export const certificateSigningRequests = defineResource<CertificateSigningRequest>(
  'certificates.k8s.io/v1/certificatesigningrequests',
  {
    countsGeneration: false,
    validateName: pathName,
    prepareForCreate: dropStatus,
    // What was asked, and by whom, stands for good.
    prepareForUpdate: (draft, old) => {
      draft.spec = draftOf<CertificateSigningRequest['spec']>(old.spec)
      draft.status = draftOf<CertificateSigningRequestStatus>(old.status ?? {})
    },
    prepareForStatusUpdate: (draft, old) => {
      draft.spec = draftOf<CertificateSigningRequest['spec']>(old.spec)
      for (const type of ['Approved', 'Denied']) keepConditions(draft, old, type)
    },
    validate: validateRequest,
    validateUpdate: (object, old, root) => validateStatus(object, old, root.child('status')),
    validateStatusUpdate: (object, old, root) => validateStatus(object, old, root.child('status'), { mayIssue: true }),
    resetFields: {
      '': [['spec'], ['status']],
      status: [['spec'], ['status', 'conditions']],
      approval: [['spec'], ['status', 'certificate']],
    },
    selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName ?? '' },
    columns: [
      nameColumn(),
      ageColumn(),
      textColumn('SignerName', ({ spec }) => spec.signerName ?? '<none>'),
      textColumn('Requestor', ({ spec }) => spec.username ?? ''),
      textColumn('RequestedDuration', ({ spec: { expirationSeconds } }) =>
        expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1_000),
      ),
      textColumn<CertificateSigningRequest>('Condition', conditionText),
    ],
  },
)

/** For the `approval` subresource: only conditions change. */
export function prepareForApproval(draft: CertificateSigningRequest, old: Shared): void {
  const conditions = draft.status?.conditions ?? []
  draft.spec = draftOf<CertificateSigningRequest['spec']>(old.spec)
  draft.status = { ...draftOf<CertificateSigningRequestStatus>(old.status ?? {}), conditions }
}

/** Conditions of a type that are as many as before are as they were. */
function keepConditions(draft: CertificateSigningRequest, old: Shared, wanted: string): void {
  const before = (old.status?.conditions ?? []).filter(({ type }) => type === wanted)
  const conditions = draft.status?.conditions ?? []
  if (conditions.filter(({ type }) => type === wanted).length !== before.length) return
  let next = 0
  conditions.forEach(({ type }, at) => {
    if (type === wanted) conditions[at] = { ...before[next++]! }
  })
}

function conditionText({ status }: Shared): string {
  const has = (wanted: string) => (status?.conditions ?? []).some(({ type }) => type === wanted)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${(status?.certificate ?? '') === '' ? '' : ',Issued'}`
}
