import { describe, expect, test } from 'vitest'

import type { AppArmorProfile, Container, Pod } from '../../../generated/core-v1.ts'
import { APP_ARMOR, appArmorWarnings, fillAppArmor } from './app-armor.ts'

interface Given {
  readonly annotation: string
  readonly own?: AppArmorProfile
  readonly ofPod?: AppArmorProfile
  readonly os?: 'linux' | 'windows'
}

function podOf({ annotation, own, ofPod, os }: Given): Pod {
  const container: Container = { name: 'c', image: 'i' }
  if (own !== undefined) container.securityContext = { appArmorProfile: own }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', annotations: { [`${APP_ARMOR}c`]: annotation, [`${APP_ARMOR}other`]: 'unconfined' } },
    spec: {
      containers: [container],
      ...(ofPod === undefined ? {} : { securityContext: { appArmorProfile: ofPod } }),
      ...(os === undefined ? {} : { os: { name: os } }),
    },
  } as Pod
}

describe('the annotation of an AppArmor profile', () => {
  const warning = `metadata.annotations[${APP_ARMOR}c]: deprecated since v1.30; use the "appArmorProfile" field instead`
  const cases: [what: string, given: Given, profile: AppArmorProfile | undefined, isWarned: boolean][] = [
    ['fills the field: none', { annotation: 'unconfined' }, { type: 'Unconfined' }, true],
    ['fills the field: the default', { annotation: 'runtime/default' }, { type: 'RuntimeDefault' }, true],
    ['fills the field: by name', { annotation: 'localhost/x/y' }, { type: 'Localhost', localhostProfile: 'x/y' }, true],
    ['is warned of where it names nothing', { annotation: 'localhost/' }, undefined, true],
    ['is warned of where its name is padded', { annotation: 'localhost/ x' }, undefined, true],
    ['is warned of where it is no profile', { annotation: 'bogus' }, undefined, true],
    [
      'gives way to the field',
      { annotation: 'unconfined', own: { type: 'RuntimeDefault' } },
      { type: 'RuntimeDefault' },
      false,
    ],
    ['may say what the Pod says', { annotation: 'unconfined', ofPod: { type: 'Unconfined' } }, undefined, false],
    [
      'may differ from the Pod',
      { annotation: 'unconfined', ofPod: { type: 'RuntimeDefault' } },
      { type: 'Unconfined' },
      true,
    ],
    ['means nothing on Windows', { annotation: 'unconfined', os: 'windows' }, undefined, false],
  ]
  for (const [what, given, profile, isWarned] of cases) {
    test(`${what}`, () => {
      const pod = podOf(given)
      expect(appArmorWarnings(pod)).toEqual(isWarned ? [warning] : [])
      fillAppArmor(pod)
      expect(pod.spec?.containers[0]?.securityContext?.appArmorProfile).toEqual(profile)
    })
  }
})
