/** ServiceAccount, v1: who a Pod is to the API (https://kubernetes.io/docs/concepts/security/service-accounts/). */

import { ageColumn, nameColumn } from '../../../columns.ts'
import type { ServiceAccount } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'

export const serviceAccounts = defineResource<ServiceAccount>('v1/serviceaccounts', {
  prepareForCreate: keepSecretNamesOnly,
  prepareForUpdate: keepSecretNamesOnly,
  warnings: ({ metadata }) =>
    metadata?.annotations?.['kubernetes.io/enforce-mountable-secrets'] === undefined
      ? []
      : [
          'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
        ],
  columns: [nameColumn(), ageColumn()],
})

/** Secrets are of the account's own namespace: their names say all. */
function keepSecretNamesOnly(draft: ServiceAccount): void {
  if (draft.secrets !== undefined) draft.secrets = draft.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}
