/** ResourceClaimTemplate, resource.k8s.io/v1: a claim for each Pod that names it (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaimtemplate). */

import { validateTemplateMeta } from '../../../../meta/object-meta.ts'
import { immutableField } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn } from '../../../columns.ts'
import type { ResourceClaimTemplate } from '../../../generated/resource-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultClaimSpec, validateClaimSpec } from '../devices.ts'

export const resourceClaimTemplates = defineResource<ResourceClaimTemplate>(
  'resource.k8s.io/v1/resourceclaimtemplates',
  {
    countsGeneration: false,
    setDefaults: ({ spec }) => defaultClaimSpec(spec?.spec),
    validate: ({ spec }, root) => {
      const path = root.child('spec')
      return [
        ...validateTemplateMeta(spec?.metadata, path.child('metadata')),
        ...validateClaimSpec(spec?.spec, path.child('spec')),
      ]
    },
    validateUpdate: ({ spec }, old, root) => immutableField(spec, old.spec, root.child('spec')),
    columns: [nameColumn(), ageColumn()],
  },
)
