/**
 * Every namespace has a ServiceAccount called `default`
 * (https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts).
 */

import type { ServiceAccount } from '../../api/generated/core-v1.ts'
import { SERVICE_ACCOUNTS } from '../../client/resources.ts'
import type { Controller, ControllerDeps } from '../kit/loop.ts'
import { perNamespaceController } from '../kit/per-namespace.ts'

export const serviceAccountController = (deps: ControllerDeps): Controller =>
  perNamespaceController<ServiceAccount>(
    {
      name: 'serviceaccount',
      ref: SERVICE_ACCOUNTS,
      objectName: 'default',
      make: (namespace) => ({ metadata: { name: 'default', namespace } }),
      correct: () => undefined,
    },
    deps,
  )
