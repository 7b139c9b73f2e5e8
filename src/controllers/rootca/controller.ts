/**
 * Every namespace has a ConfigMap `kube-root-ca.crt` by which Pods trust the API server
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume).
 */

import type { ConfigMap } from '../../api/generated/core-v1.ts'
import { CONFIG_MAPS } from '../../client/resources.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import { sameJson } from '../kit/equal.ts'
import type { Controller, ControllerDeps } from '../kit/loop.ts'
import { perNamespaceController } from '../kit/per-namespace.ts'

const NAME = 'kube-root-ca.crt'
const DESCRIPTION_KEY = 'kubernetes.io/description'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

export function rootCaController(deps: ControllerDeps, rootCa: string): Controller {
  const data = { 'ca.crt': rootCa }
  return perNamespaceController<ConfigMap>(
    {
      name: 'root-ca-certificate-publisher',
      ref: CONFIG_MAPS,
      objectName: NAME,
      make: (namespace) => ({
        metadata: { name: NAME, namespace, annotations: { [DESCRIPTION_KEY]: DESCRIPTION } },
        data,
      }),
      correct(existing) {
        const isRight =
          sameJson(existing.data, data) && existing.metadata.annotations?.[DESCRIPTION_KEY] === DESCRIPTION
        if (isRight) return undefined
        const draft = draftOf<ConfigMap>(existing)
        draft.data = data
        draft.metadata.annotations = { ...draft.metadata.annotations, [DESCRIPTION_KEY]: DESCRIPTION }
        return draft
      },
    },
    deps,
  )
}
