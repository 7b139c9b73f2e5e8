/** MutatingWebhookConfiguration, admissionregistration.k8s.io/v1: who is asked before something is written (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */

import { ageColumn, nameColumn } from '../../../columns.ts'
import type { MutatingWebhookConfiguration } from '../../../generated/admissionregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultWebhook, validateWebhooks } from '../webhooks.ts'

export const mutatingWebhookConfigurations = defineResource<MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  {
    allowUnconditionalUpdate: false,
    countsGeneration: true,
    setDefaults: ({ webhooks = [] }) => {
      for (const webhook of webhooks) {
        defaultWebhook(webhook)
        webhook.reinvocationPolicy ??= 'Never'
      }
    },
    validate: ({ webhooks }, root) => validateWebhooks(webhooks, root.child('webhooks')),
    columns: [
      nameColumn(),
      { name: 'Webhooks', type: 'integer', cell: ({ webhooks = [] }) => webhooks.length },
      ageColumn(),
    ],
  },
)
