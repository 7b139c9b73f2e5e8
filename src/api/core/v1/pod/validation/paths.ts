/** Paths inside volumes and containers: none may lead out of where it belongs. */

import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { invalidValue, judgeAll, required } from '../../../../../meta/validation.ts'
import type { KeyToPath } from '../../../../generated/core-v1.ts'

/** The path has no `..` step. */
export function validateNoBacksteps(target: string, path: FieldPath): FieldError[] {
  if (!target.includes('..')) return []
  return target.split('/').includes('..') ? [invalidValue(path, target, "must not contain '..'")] : []
}

/** The path is relative and has no `..` step. */
export function validateDescendingPath(target: string, path: FieldPath): FieldError[] {
  const faults = validateNoBacksteps(target, path)
  if (target.startsWith('/')) faults.unshift(invalidValue(path, target, 'must be a relative path'))
  return faults
}

/** As a descending path, and not of the names kept for the kubelet (`..data`). */
export function validateNonReservedPath(target: string, path: FieldPath): FieldError[] {
  const faults = validateDescendingPath(target, path)
  if (target.startsWith('..') && !target.startsWith('../')) {
    faults.push(invalidValue(path, target, "must not start with '..'"))
  }
  return faults
}

/** A mode of files: three octal digits. */
export function validateFileMode(mode: number | undefined, path: FieldPath): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** Which keys become which files. */
export function validateItems(items: readonly KeyToPath[] | undefined, path: FieldPath): FieldError[] {
  return judgeAll(items, ({ key, path: file, mode }, at) => {
    const here = path.index(at)
    const faults: FieldError[] = []
    if (key === '') faults.push(required(here.child('key')))
    if (file === '') faults.push(required(here.child('path')))
    faults.push(...validateNonReservedPath(file, here.child('path')), ...validateFileMode(mode, here.child('mode')))
    return faults
  })
}
