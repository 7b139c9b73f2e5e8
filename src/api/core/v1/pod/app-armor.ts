/**
 * AppArmor profiles of containers as annotations had them before there were fields: a new Pod gets the field of its
 * annotation (https://kubernetes.io/docs/tutorials/security/apparmor/#securing-a-pod).
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import { deepEqual } from '../../../../meta/validation.ts'
import type { AppArmorProfile, Pod } from '../../../generated/core-v1.ts'

export const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
export const APP_ARMOR_WARNING = 'deprecated since v1.30; use the "appArmorProfile" field instead'

const LOCALHOST = 'localhost/'
const MAX_PROFILE = 4095
const ANNOTATIONS = fieldPath('metadata', 'annotations')

/** A container whose annotation says what no field says. */
interface Noted {
  readonly key: string
  readonly container: { securityContext?: { appArmorProfile?: AppArmorProfile } }
  /** Absent: the annotation names none. */
  readonly profile: AppArmorProfile | undefined
}

/** Gives containers the profiles that annotations name for them. */
export function fillAppArmor(pod: Pod): void {
  for (const { container, profile } of noted(pod)) {
    if (profile !== undefined) container.securityContext = { ...container.securityContext, appArmorProfile: profile }
  }
}

/** What to say of such annotations, before the fields are filled in. */
export function appArmorWarnings(pod: DeepReadonly<Pod>): readonly string[] {
  return noted(pod as Pod).map(({ key }) => `${ANNOTATIONS.key(key).toString()}: ${APP_ARMOR_WARNING}`)
}

const NONE: readonly Noted[] = []

function noted({ metadata, spec }: Pod): readonly Noted[] {
  const { annotations = {} } = metadata
  if (spec === undefined || spec.os?.name === 'windows') return NONE
  if (!Object.keys(annotations).some((key) => key.startsWith(APP_ARMOR))) return NONE
  const { initContainers = [], containers, ephemeralContainers = [], securityContext } = spec
  return [...initContainers, ...containers, ...ephemeralContainers].flatMap((container) => {
    const key = `${APP_ARMOR}${container.name}`
    const annotation = Object.hasOwn(annotations, key) ? annotations[key] : undefined
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) return []
    const profile = profileOf(annotation)
    // What holds for the whole Pod need not be said again.
    if (profile !== undefined && deepEqual(profile, securityContext?.appArmorProfile)) return []
    return [{ key, container, profile }]
  })
}

function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const localhostProfile = annotation.startsWith(LOCALHOST) ? annotation.slice(LOCALHOST.length) : ''
  const isSound = localhostProfile !== '' && localhostProfile.trim() === localhostProfile
  return isSound && Buffer.byteLength(localhostProfile) <= MAX_PROFILE
    ? { type: 'Localhost', localhostProfile }
    : undefined
}
