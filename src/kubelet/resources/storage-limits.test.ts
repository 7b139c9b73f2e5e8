import { describe, expect, test } from 'vitest'

import type { Container, Volume } from '../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { hasStorageLimits, storageExcess } from './storage-limits.ts'

const limited = (name: string, limit: string): Container =>
  aContainer(name, { resources: { limits: { 'ephemeral-storage': limit } } })
const emptyDir = (sizeLimit?: string, medium?: string): Volume => ({
  name: 'cache',
  emptyDir: { ...(sizeLimit !== undefined && { sizeLimit }), ...(medium !== undefined && { medium }) },
})
const KIB = 1024

describe('A Pod on the disk of its node', () => {
  test.each<[volume: Volume, containers: Container[], cache: number, app: number, message: string | undefined]>([
    [emptyDir('4Ki'), [aContainer('app')], 4 * KIB, 0, undefined],
    [
      emptyDir('4Ki'),
      [aContainer('app')],
      4 * KIB + 1,
      0,
      'Usage of EmptyDir volume "cache" exceeds the limit "4Ki". ',
    ],
    [emptyDir('4Ki', 'Memory'), [aContainer('app')], 8 * KIB, 0, undefined],
    [emptyDir(), [aContainer('app')], 1e12, 1e12, undefined],
    [emptyDir(), [limited('app', '8Ki')], 4 * KIB, 4 * KIB, undefined],
    [
      emptyDir(),
      [limited('app', '8Ki')],
      5 * KIB,
      4 * KIB,
      'Pod ephemeral local storage usage exceeds the total limit of containers 8Ki. ',
    ],
    [
      emptyDir(),
      [limited('app', '2Ki'), aContainer('other')],
      0,
      3 * KIB,
      'Container app exceeded its local ephemeral storage limit "2Ki". ',
    ],
  ])('with %j and %j, using %d and %d', (volume, containers, cache, app, message) => {
    const pod = aPod({ volumes: [volume], containers })
    const usage = { emptyDirs: new Map([['cache', cache]]), containers: new Map([['app', app]]) }
    expect(storageExcess(pod, usage)?.message).toBe(message)
  })

  test('is measured only when it has limits', () => {
    expect(hasStorageLimits(aPod())).toBe(false)
    expect(hasStorageLimits(aPod({ volumes: [emptyDir('1Ki', 'Memory')] }))).toBe(false)
    expect(hasStorageLimits(aPod({ volumes: [emptyDir('1Ki')] }))).toBe(true)
    expect(hasStorageLimits(aPod({ containers: [limited('app', '1Ki')] }))).toBe(true)
  })
})
