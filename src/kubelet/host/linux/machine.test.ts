import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { hugepages, listedProcessors, pageBytes, parseProcessors } from './machine.ts'

const cpu = (socket: number, core: number) =>
  `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\nflags\t\t: fpu\n`

describe('parseProcessors()', () => {
  const cases = [
    { of: 'one socket of two cores', cpus: [cpu(0, 0), cpu(0, 1)], is: { sockets: 1, cores: 2 } },
    { of: 'cores of two threads', cpus: [cpu(0, 0), cpu(0, 0)], is: { sockets: 1, cores: 1 } },
    { of: 'cores of one number in two sockets', cpus: [cpu(0, 0), cpu(1, 0)], is: { sockets: 2, cores: 2 } },
    { of: 'a machine that does not tell', cpus: ['processor\t: 0\nBogoMIPS\t: 50.00\n'], is: undefined },
  ]
  for (const { of, cpus, is } of cases) {
    test(`counts ${of}`, () => {
      expect(parseProcessors(cpus.join('\n'))).toEqual(is)
    })
  }
})

test('pageBytes() reads how large the pages of memory are', () => {
  const vector = (...words: readonly bigint[]) => Buffer.from(new BigUint64Array(words).buffer)
  expect(pageBytes(vector(33n, 6n, 6n, 16_384n, 0n, 0n))).toBe(16_384)
  expect(pageBytes(vector(33n, 6n, 0n, 0n))).toBe(4096)
})

describe('by folders of the kernel', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'gorae-machine-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
    await writeFile(path.join(folder, file), text)
  }

  test('listedProcessors() counts what /proc/cpuinfo of an ARM machine does not tell', async () => {
    for (const [cpu, core] of [0, 1, 1, 0].entries()) {
      await write(`cpu${cpu}/topology/physical_package_id`, `${Math.floor(cpu / 2)}\n`)
      await write(`cpu${cpu}/topology/core_id`, `${core}\n`)
    }
    expect(await listedProcessors(folder)).toEqual({ sockets: 2, cores: 4 })
    expect(await listedProcessors(`${folder}/none`)).toBeUndefined()
  })

  test('hugepages() names the sizes of every processor as Kubernetes does', async () => {
    for (const [kibibytes, count] of [
      [64, 3],
      [2048, 1],
      [32_768, 0],
      [1_048_576, 2],
      [16_777_216, 1],
    ])
      await write(`hugepages-${kibibytes}kB/nr_hugepages`, `${count}\n`)
    expect(await hugepages(folder)).toEqual({
      '64Ki': 3 * 2 ** 16,
      '2Mi': 2 ** 21,
      '32Mi': 0,
      '1Gi': 2 ** 31,
      '16Gi': 2 ** 34,
    })
  })
})
