import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, test, expect } from 'vitest'

import { hasAppArmor } from './app-armor.ts'

const folder = mkdtempSync(join(tmpdir(), 'gorae-app-armor-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['in force, and profiles can be loaded', 'Y\n', true, true],
  ['in force, but nothing loads the profile of the runtime', 'Y\n', false, false],
  ['in the kernel, but off', 'N\n', true, false],
])('AppArmor is %s', (_, text, isThere, expected) => {
  const file = join(folder, 'enabled')
  writeFileSync(file, text)
  expect(hasAppArmor(file, () => isThere)).toBe(expected)
})

test('a kernel without AppArmor has none', () => {
  expect(hasAppArmor(join(folder, 'none'), () => true)).toBe(false)
})
