import { expect, test } from 'vitest'

import { diskFinding } from './disk-finding.ts'

test.each([
  [{ free: 50, size: 100 }, 'ok'],
  [{ free: 5, size: 100 }, 'ok'],
  [{ free: 4.9, size: 100 }, 'warning'],
  [{ free: 0, size: 0 }, 'ok'],
])('a disk with %j is told as %s', (disk, state) => {
  expect(diskFinding(disk).state).toBe(state)
})
