/** CustomResourceDefinition, apiextensions.k8s.io/v1: a kind of the user's own (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { draftOf } from '../../../../meta/deep-readonly.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
} from '../../../generated/apiextensions-v1.ts'
import { defineResource } from '../../../resource.ts'
import { createdColumn, nameColumn } from '../../../columns.ts'
import { validateDefinition, validateDefinitionUpdate } from './validate.ts'

export const customResourceDefinitions = defineResource<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1/customresourcedefinitions',
  {
    setDefaults: ({ spec }) => {
      if (spec !== undefined) defaultSpec(spec)
    },
    prepareForCreate: (draft) => {
      draft.status = { storedVersions: storageVersions(draft.spec) }
    },
    prepareForUpdate: (draft, old) => {
      draft.status = draftOf<CustomResourceDefinitionStatus>(old.status ?? {})
      const stored = draft.status.storedVersions ?? []
      const added = storageVersions(draft.spec).filter((name) => !stored.includes(name))
      if (added.length > 0) draft.status.storedVersions = [...stored, ...added]
    },
    validate: validateDefinition,
    validateUpdate: validateDefinitionUpdate,
    columns: [nameColumn(), createdColumn()],
  },
)

function defaultSpec(spec: CustomResourceDefinitionSpec): void {
  spec.conversion ??= { strategy: 'None' }
  spec.conversion.strategy ??= 'None'
  const service = spec.conversion.webhook?.clientConfig?.service
  if (service !== undefined) service.port ??= 443
  const { names } = spec
  if (names?.kind !== undefined && names.kind !== '') {
    if ((names.singular ?? '') === '') names.singular = names.kind.toLowerCase()
    if ((names.listKind ?? '') === '') names.listKind = `${names.kind}List`
  }
}

/** The version that objects are kept in from now on. */
function storageVersions(spec: DeepReadonly<CustomResourceDefinitionSpec> | undefined): string[] {
  return (spec?.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name)
}
