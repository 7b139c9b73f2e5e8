/** PodTemplate, v1: a template on its own (https://kubernetes.io/docs/concepts/workloads/pods/#pod-templates). */

import { fieldPath } from '../../../../meta/field-path.ts'
import { labelsText, nameColumn, textColumn } from '../../../columns.ts'
import type { PodTemplate } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../pod/defaults.ts'
import { validatePodTemplate } from '../pod/validation/spec.ts'
import { podTemplateWarnings } from '../pod/warnings.ts'

export const podTemplates = defineResource<PodTemplate>('v1/podtemplates', {
  dropDisabledFields: ({ template }) => dropDisabledPodFields(template?.spec),
  setDefaults: (draft) => defaultPodTemplate((draft.template ??= {})),
  validate: ({ template = {} }, root) => validatePodTemplate(template, root.child('template')),
  validateUpdate: ({ template = {} }, old, root) => validatePodTemplate(template, root.child('template'), old.template),
  countsGeneration: true,
  warnings: (object, old) =>
    old !== undefined && old.metadata.generation === object.metadata.generation
      ? []
      : podTemplateWarnings(object.template ?? {}, fieldPath('template')),
  columns: [
    nameColumn(),
    textColumn('Containers', ({ template }) => (template?.spec?.containers ?? []).map(({ name }) => name).join(',')),
    textColumn('Images', ({ template }) =>
      (template?.spec?.containers ?? []).map(({ image }) => image ?? '').join(','),
    ),
    textColumn('Pod Labels', ({ template }) => labelsText(template?.metadata?.labels)),
  ],
})
