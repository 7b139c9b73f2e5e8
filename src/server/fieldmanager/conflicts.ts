/** What Kubernetes says when an apply would change fields of other managers. */
import type { Steps } from '../../base/async/steps.ts'
import { ApiError } from '../../meta/errors.ts'
import { pathText } from './elements.ts'
import { pathsOf, type FieldSet } from './field-set.ts'
import { identityOf, type Manager } from './managers.ts'

/** The fields of one other manager that an apply would change. */
export interface Conflict {
  readonly manager: Manager
  readonly fields: FieldSet
}

/** So many fields are told at once. */
const STEP = 5_000

/** 409, with every field and its manager as a cause. Clients match the texts. */
export function* applyConflict(conflicts: readonly Conflict[]): Steps<ApiError> {
  const sorted = conflicts.map((conflict) => ({ ...conflict, identity: identityOf(conflict.manager) }))
  sorted.sort((a, b) => (a.identity < b.identity ? -1 : 1))
  const told: { readonly manager: string; readonly paths: readonly string[] }[] = []
  for (const { manager, fields } of sorted) {
    yield
    const paths: string[] = []
    for (const path of pathsOf(fields)) {
      paths.push(pathText(path))
      if (paths.length % STEP === 0) yield
    }
    told.push({ manager: managerText(manager), paths })
  }
  yield
  const causes = told.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  )
  yield
  return new ApiError({ message: messageOf(told, causes.length), reason: 'Conflict', details: { causes }, code: 409 })
}

function messageOf(told: readonly { manager: string; paths: readonly string[] }[], count: number): string {
  const [first] = told
  if (count === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.paths[0]}`
  }
  const lines = told.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager)
  const full = subresource === '' ? name : `${name} with subresource ${JSON.stringify(subresource)}`
  return operation === 'Update' ? `${full} using ${apiVersion}` : full
}
