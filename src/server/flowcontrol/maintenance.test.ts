import { describe, expect, test } from 'vitest'
import type { PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import { defaultPriorityLevels } from './defaults.ts'
import { revised } from './maintenance.ts'

const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec'
const levelNamed = (name: string) => defaultPriorityLevels().find(({ metadata }) => metadata.name === name)!

/** A default level as it is found, after somebody changed it. */
const found = (name: string, says: string | undefined, generation = 2): PriorityLevelConfiguration => ({
  metadata: { name, generation, ...(says === undefined ? {} : { annotations: { [AUTO_UPDATE]: says } }) },
  spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1 } },
})

describe('a default that was changed', () => {
  const cases = [
    { what: 'and is the server\u2019s gets its spec back', name: 'system', says: 'true', isRestored: true },
    { what: 'and is somebody\u2019s stays', name: 'system', says: 'false', isRestored: false },
    {
      what: 'and says nothing, but was never written again, is the server\u2019s',
      name: 'system',
      isRestored: true,
      at: 1,
    },
    { what: 'and says nothing is somebody\u2019s', name: 'system', isRestored: false },
    { what: 'and says nonsense is somebody\u2019s', name: 'system', says: 'maybe', isRestored: false },
    {
      what: 'and is mandatory gets its spec back, whatever it says',
      name: 'catch-all',
      says: 'false',
      isRestored: true,
    },
  ]
  for (const { what, name, says, isRestored, at } of cases) {
    test(`${what}`, () => {
      const before = found(name, says, at)
      const after = revised(before, levelNamed(name)) ?? before
      expect(after.spec).toEqual(isRestored ? levelNamed(name).spec : before.spec)
      expect(after.metadata.annotations?.[AUTO_UPDATE]).toBe(String(isRestored))
    })
  }

  test('and is as it should be is not written', () => {
    expect(revised(levelNamed('system'), levelNamed('system'))).toBeUndefined()
    expect(revised(found('system', 'false'), levelNamed('system'))).toBeUndefined()
  })

  test('keeps the shares that people gave to what is exempt', () => {
    const level = levelNamed('exempt')
    const exempt = { nominalConcurrencyShares: 9, lendablePercent: 50 }
    expect(revised({ ...level, spec: { type: 'Exempt', exempt } }, level)).toBeUndefined()
  })
})
