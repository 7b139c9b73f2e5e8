import { describe, expect, test } from 'vitest'

import type { PersistentVolumeAccessMode } from '../../../api/generated/core-v1.ts'
import type { FSGroupPolicy } from '../../../api/generated/storage-v1.ts'
import type { NodeCapability } from './messages.ts'
import { volumeOf } from './node-fixtures.ts'
import { changesGroup, needsAttach, volumeCapability } from './rules.ts'
import { highestVersion } from './version.ts'

const capable = (...names: readonly NodeCapability[]) => new Set(names)

describe('changesGroup()', () => {
  const cases: readonly {
    readonly policy?: FSGroupPolicy
    readonly fsType?: string
    readonly modes?: PersistentVolumeAccessMode[]
    readonly can?: NodeCapability
    readonly changes: boolean
  }[] = [
    { changes: true },
    { fsType: '', changes: false },
    { modes: ['ReadWriteMany'], changes: false },
    { modes: ['ReadWriteMany', 'ReadWriteOncePod'], changes: true },
    { policy: 'File', fsType: '', modes: ['ReadWriteMany'], changes: true },
    { policy: 'None', changes: false },
    { policy: 'File', can: 'VOLUME_MOUNT_GROUP', changes: false },
  ]
  const one: PersistentVolumeAccessMode[] = ['ReadWriteOnce']
  for (const { policy, fsType = 'ext4', modes = one, can, changes } of cases) {
    const what = [policy ?? 'no policy', fsType || 'no type', ...modes, can ?? 'no capability'].join(', ')
    test(`${changes ? 'is so' : 'is not so'} for ${what}`, () => {
      const volume = { ...volumeOf({ accessModes: modes }), fsType }
      const driver = policy === undefined ? undefined : { metadata: {}, spec: { fsGroupPolicy: policy } }
      expect(changesGroup(volume, driver, capable(...(can === undefined ? [] : [can])))).toBe(changes)
    })
  }
})

describe('volumeCapability()', () => {
  const cases: readonly (readonly [mode: PersistentVolumeAccessMode, plain: string, exact: string])[] = [
    ['ReadWriteOnce', 'SINGLE_NODE_WRITER', 'SINGLE_NODE_MULTI_WRITER'],
    ['ReadWriteOncePod', 'SINGLE_NODE_WRITER', 'SINGLE_NODE_SINGLE_WRITER'],
    ['ReadOnlyMany', 'MULTI_NODE_READER_ONLY', 'MULTI_NODE_READER_ONLY'],
    ['ReadWriteMany', 'MULTI_NODE_MULTI_WRITER', 'MULTI_NODE_MULTI_WRITER'],
  ]
  for (const [mode, plain, exact] of cases) {
    test(`says ${mode} in the words of the driver`, () => {
      const volume = volumeOf({ accessModes: [mode] })
      expect(volumeCapability(volume, capable()).accessMode.mode).toBe(plain)
      expect(volumeCapability(volume, capable('SINGLE_NODE_MULTI_WRITER')).accessMode.mode).toBe(exact)
    })
  }
})

test('a driver attaches unless it says that it does not', () => {
  const says = (attachRequired: boolean) => ({ metadata: {}, spec: { attachRequired } })
  expect([undefined, says(true), says(false)].map((driver) => needsAttach(volumeOf(), driver))).toEqual([
    true,
    true,
    false,
  ])
  expect(needsAttach({ isInline: true }, undefined)).toBe(false)
})

test('of the versions that a driver speaks, the newest of 1 counts', () => {
  expect(highestVersion(['1.2.0', 'v1.10.1', '0.3.0', '2.0.0'])).toMatchObject({ text: '1.10.1' })
  expect(highestVersion(['0.3.0'])).toEqual({ fault: 'highest supported version reported is 0.3.0, must be v1.x' })
  expect(highestVersion(['2.0.0'])).toEqual({
    fault: 'could not find a highest supported version from versions ([2.0.0]) reported: <nil>',
  })
})
