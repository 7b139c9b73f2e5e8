/** All subresources, and the resources that are answered and not stored. */

import { prepareForApproval } from '../../api/certificates/v1/certificatesigningrequest/resource.ts'
import { validateStatus } from '../../api/certificates/v1/certificatesigningrequest/validate-status.ts'
import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import type { Namespace, Pod } from '../../api/generated/core-v1.ts'
import { prepareForEphemeralContainersUpdate, prepareForResize } from '../../api/core/v1/pod/strategy.ts'
import { validateResize } from '../../api/core/v1/pod/validation/resize.ts'
import { validateEphemeralContainersUpdate } from '../../api/core/v1/pod/validation/subresources.ts'
import { keepStatus } from '../../api/strategy.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { validateFinalizerName } from '../../meta/object-meta.ts'
import { judgeAll } from '../../meta/validation.ts'
import type { TokenIssuer } from '../authn/tokens.ts'
import type { ClusterAuthorizer } from '../authz/cluster-authorizer.ts'
import { type MetricsDeps, metricsHandlers } from '../metrics/handlers.ts'
import { bindPod } from './binding.ts'
import { componentStatuses } from './component-statuses.ts'
import { evictPod } from './eviction.ts'
import type { SubresourceHandler, SubresourceHandlers } from './handler.ts'
import { objectPart } from './object-part.ts'
import { reviewHandlers } from './reviews.ts'
import { scale } from './scale.ts'
import { tokenHandler } from './token.ts'

export interface SubresourceDeps {
  readonly authorizer: ClusterAuthorizer
  readonly tokens: TokenIssuer
  readonly metrics: MetricsDeps
}

export function subresourceHandlers({ authorizer, tokens, metrics }: SubresourceDeps): SubresourceHandlers {
  return new Map<string, SubresourceHandler>([
    ['*/scale', scale],
    ['v1/pods/binding', bindPod],
    ['v1/bindings', bindPod],
    ['v1/pods/eviction', evictPod],
    ['v1/pods/ephemeralcontainers', ephemeralContainers],
    ['v1/pods/resize', resize],
    ['v1/serviceaccounts/token', tokenHandler(tokens)],
    ['v1/componentstatuses', componentStatuses],
    ['v1/namespaces/finalize', finalize],
    ['certificates.k8s.io/v1/certificatesigningrequests/approval', approval],
    ...reviewHandlers({ authorizer, tokens }),
    ...metricsHandlers(metrics),
  ])
}

const ephemeralContainers = objectPart({
  keep: (draft, old) => prepareForEphemeralContainersUpdate(draft as Pod, old),
  validate: (draft, old, root) => validateEphemeralContainersUpdate(draft as Pod, old, root),
  countsGeneration: true,
})

const resize = objectPart({
  keep: (draft, old) => prepareForResize(draft as Pod, old),
  validate: (draft, old, root) => validateResize(draft as Pod, old, root),
  countsGeneration: true,
})

/** A namespace whose spec.finalizers change: all but its status is as the caller sends it. */
const finalize = objectPart({
  keep: (draft, old) => {
    keepStatus(draft, old)
    const { spec } = draft as Namespace
    if (spec?.finalizers?.length === 0) delete spec.finalizers
  },
  validate: ({ spec }: Namespace, _, root) =>
    judgeAll(spec?.finalizers, (finalizer, at) =>
      validateFinalizerName(finalizer, root.child('spec', 'finalizers').index(at)),
    ),
})

/** Only conditions, those that approve or deny a request among them. */
const approval = objectPart({
  keep: (draft, old) =>
    prepareForApproval(draft as CertificateSigningRequest, old as DeepReadonly<CertificateSigningRequest>),
  validate: (draft, old, root) =>
    validateStatus(
      draft as CertificateSigningRequest,
      old as DeepReadonly<CertificateSigningRequest>,
      root.child('status'),
      { mayDecide: true },
    ),
})
