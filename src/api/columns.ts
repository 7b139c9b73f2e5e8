/** Columns and cells that most tables have. */

import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { ageOf } from '../meta/human-duration.ts'
import type { KubeObject } from '../meta/types.ts'
import type { Cell, Column } from './resource.ts'

/** The object's name. */
export function nameColumn<T extends KubeObject>(): Column<T> {
  return { name: 'Name', type: 'string', format: 'name', cell: (object) => object.metadata.name ?? '' }
}

/** How long ago the object was made, as kubectl writes ages. */
export function ageColumn<T extends KubeObject>(): Column<T> {
  return { name: 'Age', type: 'string', cell: (object, now) => ageOf(object.metadata.creationTimestamp, now) }
}

/** When the object was made; what was never made, such as the object of a bookmark, at the beginning of time. */
export function createdColumn<T extends KubeObject>(): Column<T> {
  return { name: 'Created At', type: 'date', cell: createdCell }
}

/** When an object was made, as tables write it. */
export const createdCell = ({ metadata }: DeepReadonly<KubeObject>): string =>
  metadata.creationTimestamp ?? '0001-01-01T00:00:00Z'

/** A column of text. */
export function textColumn<T>(name: string, cell: (object: DeepReadonly<T>, now: number) => Cell): Column<T> {
  return { name, type: 'string', cell }
}

/** A column of text that only `-o wide` shows. */
export function wideColumn<T>(name: string, cell: (object: DeepReadonly<T>, now: number) => Cell): Column<T> {
  return { name, type: 'string', wide: true, cell }
}

/** The text, or what stands for nothing. */
export function orElse(text: string | undefined, otherwise = '<none>'): string {
  return text === undefined || text === '' ? otherwise : text
}

/** A map of labels as `a=1,b=2`, sorted. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',')
}
