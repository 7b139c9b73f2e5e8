import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { hasSeLinux } from './selinux.ts'

const folder = mkdtempSync(join(tmpdir(), 'gorae-selinux-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['in force', 'system_u:system_r:kernel_t:s0\0', true],
  ['in the kernel, and no policy is loaded', 'kernel\0', false],
  ['in the kernel, which labels no processes', '', false],
])('SELinux is %s', (_, label, expected) => {
  const own = join(folder, 'current')
  writeFileSync(own, label)
  expect(hasSeLinux({ policy: folder, own })).toBe(expected)
})

test('a kernel without SELinux has none', () => {
  expect(hasSeLinux({ policy: join(folder, 'none'), own: folder })).toBe(false)
})
