/** Columns that workloads share. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { KubeObject, LabelSelector } from '../../meta/types.ts'
import type { PodTemplateSpec } from '../generated/core-v1.ts'
import type { Column } from '../resource.ts'

interface WithTemplate extends KubeObject {
  spec?: { selector?: LabelSelector; template?: PodTemplateSpec }
}

export { ageColumn, nameColumn } from '../columns.ts'

/** Container names and images of the template, and the selector: what `-o wide` adds. */
export function templateColumns<T extends WithTemplate>(): readonly Column<T>[] {
  const containers = (object: DeepReadonly<T>) => object.spec?.template?.spec?.containers ?? []
  return [
    {
      name: 'Containers',
      type: 'string',
      wide: true,
      cell: (object) =>
        containers(object)
          .map(({ name }) => name)
          .join(),
    },
    {
      name: 'Images',
      type: 'string',
      wide: true,
      cell: (object) =>
        containers(object)
          .map(({ image }) => image ?? '')
          .join(),
    },
  ]
}

export function selectorColumn<T extends WithTemplate>(): Column<T> {
  return { name: 'Selector', type: 'string', wide: true, cell: (object) => selectorText(object.spec?.selector) }
}

/** A selector as kubectl prints it; `<none>` for an absent one. */
export function selectorText(selector: DeepReadonly<LabelSelector> | undefined): string {
  if (selector === undefined) return '<none>'
  return selectorOf(selector).toString() || '<none>'
}
