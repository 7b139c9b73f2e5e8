/** ValidatingWebhookConfiguration, admissionregistration.k8s.io/v1: who is asked before something is written (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */

import { ageColumn, nameColumn } from '../../../columns.ts'
import type { ValidatingWebhookConfiguration } from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultWebhook, validateWebhooks } from '../webhooks.ts'

export const validatingWebhookConfigurations = defineResource<ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  {
    allowUnconditionalUpdate: false,
    countsGeneration: true,
    setDefaults: ({ webhooks = [] }) => {
      for (const webhook of webhooks) defaultWebhook(webhook)
    },
    validate: ({ webhooks }, root) => validateWebhooks(webhooks, root.child('webhooks')),
    columns: [
      nameColumn(),
      { name: 'Webhooks', type: 'integer', cell: ({ webhooks = [] }) => webhooks.length },
      ageColumn(),
    ],
  },
)
