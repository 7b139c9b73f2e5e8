/** Annotations of Pods that mean something to Kubernetes itself (https://kubernetes.io/docs/reference/labels-annotations-taints/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { goQuote } from '../../../../../meta/go-quote.ts'
import { forbiddenField, invalidValue } from '../../../../../meta/validation.ts'
import type { PodSpec } from '../../../../generated/core-v1.ts'
import { APP_ARMOR } from '../app-armor.ts'
import { containersOf, MIRROR_POD } from '../facts.ts'
import { validateDescendingPath } from './paths.ts'

type Annotations = Readonly<Record<string, string>> | undefined

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const LOCALHOST = 'localhost/'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'

export function validatePodAnnotations(annotations: Annotations, spec: DeepReadonly<PodSpec>, path: FieldPath) {
  const faults: FieldError[] = []
  for (const key in annotations) {
    const value = annotations[key] ?? ''
    const here = path.key(key)
    if (key === MIRROR_POD && (spec.nodeName ?? '') === '') {
      faults.push(invalidValue(here, value, 'must set spec.nodeName if mirror pod annotation is set'))
    }
    if (key === DELETION_COST && !isInt32(value)) faults.push(invalidValue(here, value, 'must be a 32bit integer'))
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
      faults.push(...validateSeccomp(value, path.child(key)))
    if (key.startsWith(APP_ARMOR)) faults.push(...validateAppArmor(key.slice(APP_ARMOR.length), value, spec, here))
  }
  return faults
}

/** How profiles were named before they had fields; Kubernetes still judges the names. */
function validateSeccomp(profile: string, path: FieldPath): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return []
  if (profile.startsWith(LOCALHOST)) return validateDescendingPath(profile.slice(LOCALHOST.length), path)
  return [invalidValue(path, profile, 'must be a valid seccomp profile')]
}

function isInt32(text: string): boolean {
  return /^(0|-?[1-9]\d{0,9})$/.test(text) && Math.abs(Number(text)) <= 2147483647
}

function validateAppArmor(name: string, profile: string, spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (!containersOf(spec).some((container) => container.name === name)) {
    faults.push(invalidValue(path, name, 'container not found'))
  }
  const isKnown = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')
  if (!isKnown) faults.push(invalidValue(path, profile, `invalid AppArmor profile name: ${goQuote(profile)}`))
  return faults
}

/** A Pod is a mirror Pod from birth to death, or never. */
export function validateAnnotationUpdate(annotations: Annotations, old: Annotations, path: FieldPath): FieldError[] {
  const here = path.key(MIRROR_POD)
  const before = old?.[MIRROR_POD]
  const after = annotations?.[MIRROR_POD]
  if (before === after) return []
  if (before === undefined) return [forbiddenField(here, 'may not add mirror pod annotation')]
  return [forbiddenField(here, 'may not remove or update mirror pod annotation')]
}
