import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { openMachine } from './machine.ts'

/** Room for more than what a disk still takes when it is said to be full. */
const BIG = 'x'.repeat(300_000)

test('a cluster whose disk fills up refuses writes in words, goes on serving, and writes again once there is room', async () => {
  const machine = await openMachine()
  mkdirSync(machine.home)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', machine.home])
  const filler = join(machine.home, 'filler')
  const value = join(machine.folder, 'value')
  writeFileSync(value, BIG)
  const create = (name: string, mayFail = false) =>
    machine.kubectl(['create', 'configmap', name, `--from-file=value=${value}`], { mayFail })
  const names = async () => {
    const { stdout } = await machine.kubectl(['get', 'configmaps', '-o', 'name'])
    return stdout.split('\n').filter((line) => line.includes('/kept-'))
  }
  try {
    await machine.gorae(['up', '--runtime', 'simulated'])
    await create('kept-0')
    const kept = ['configmap/kept-0']
    execFileSync('sh', ['-c', `head -c 64M /dev/zero > ${filler} || true`], { stdio: 'ignore' })
    let refusal = ''
    for (let round = 1; refusal === ''; round++) {
      const { code, stderr } = await create(`kept-${round}`, true)
      if (code === 0) kept.push(`configmap/kept-${round}`)
      else refusal = stderr
    }
    expect(refusal).toMatch(/InternalError|Internal error/)
    expect(refusal).toMatch(/no space is left on the disk of .*; free some, and writes go on/)
    expect((await machine.kubectl(['get', '--raw', '/readyz'])).stdout).toBe('ok')
    expect(await names()).toEqual(kept)

    rmSync(filler)
    await create('kept-later')
    kept.push('configmap/kept-later')
    expect(await names()).toEqual(kept)
    await machine.gorae(['stop'])
    await machine.gorae(['up'])
    expect(await names()).toEqual(kept)
    await machine.gorae(['down'])
    expect((await machine.leftovers()).filter((line) => !line.startsWith('mount'))).toEqual([])
  } finally {
    await machine.gorae(['down', '--all'], { mayFail: true })
    execFileSync('umount', ['--lazy', machine.home])
    await machine.close()
  }
})
