import { expect, test } from 'vitest'

import { architecture } from './oci.ts'

const cases = [
  { machine: 'x64', named: 'amd64' },
  { machine: 'arm64', named: 'arm64' },
  { machine: 'arm', named: 'arm' },
  { machine: 'ia32', named: '386' },
  { machine: 's390x', named: 's390x' },
  { machine: 'riscv64', named: 'riscv64' },
]
for (const { machine, named } of cases)
  test(`images for ${machine} are for ${named}`, () => {
    expect(architecture(machine)).toBe(named)
  })
