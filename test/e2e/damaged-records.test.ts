import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { identify } from '../../src/linux/processes.ts'
import { type Machine, openMachine } from './machine.ts'

let machine: Machine
beforeEach(async () => {
  machine = await openMachine()
  await machine.gorae(['up', '--runtime', 'simulated'])
})
afterEach(() => machine.close())

const file = (name: string, cluster = 'default') => join(machine.home, cluster, name)
const contexts = async () =>
  (await machine.kubectl(['config', 'get-contexts', '-o', 'name'])).stdout.split('\n').filter((name) => name !== '')

describe('down of a stopped cluster takes its context away', () => {
  const damages: readonly (readonly [what: string, damage: () => void])[] = [
    ['whose record is rubbish', () => writeFileSync(file('cluster.json'), 'rubbish')],
    ['whose record is gone', () => rmSync(file('cluster.json'))],
    ['whose record has another port', () => spoil(/"port": \d+/, '"port": "none"')],
    [
      'whose record and authority are rubbish',
      () => ['cluster.json', 'pki/ca.crt'].forEach((name) => writeFileSync(file(name), '-')),
    ],
  ]
  const spoil = (what: RegExp, by: string) =>
    writeFileSync(file('cluster.json'), readFileSync(file('cluster.json'), 'utf8').replace(what, by))
  for (const [what, damage] of damages)
    test(`${what}`, async () => {
      await machine.gorae(['up', '--name', 'other', '--runtime', 'simulated'])
      await machine.gorae(['stop'])
      expect(await contexts()).toEqual(['gorae-default', 'gorae-other'])
      damage()
      await machine.gorae(['down'])
      expect(await contexts()).toEqual(['gorae-other'])
      expect(existsSync(file('.'))).toBe(false)
    })

  test('but not that of a cluster of the same name in another home', async () => {
    const env = { GORAE_HOME: join(machine.folder, 'second') }
    await machine.gorae(['stop'])
    await machine.gorae(['up', '--runtime', 'simulated', '--port', '7443'], { env })
    await machine.gorae(['down'])
    expect(await contexts()).toEqual(['gorae-default'])
    await machine.kubectl(['get', 'namespaces'])
    await machine.gorae(['down'], { env })
    expect(await contexts()).toEqual([])
  })
})

describe('a part whose record names a living process of somebody else', () => {
  const foreign = () => JSON.stringify(identify(process.pid))

  test('is started by up, and ended by down; the other process is left alone', async () => {
    await machine.gorae(['stop'])
    for (const name of ['server.json', 'nodes/node-1/node.json']) writeFileSync(file(name), foreign())
    expect((await machine.gorae(['status'])).stdout).toContain('default: stopped')
    expect((await machine.gorae(['up'])).stdout).toContain('The cluster "default" is up')
    await machine.kubectl(['get', 'namespaces'])
  })

  test('is found again while it runs', async () => {
    for (const name of ['server.json', 'nodes/node-1/node.json']) writeFileSync(file(name), foreign())
    expect((await machine.gorae(['up'])).stdout).toContain('is running already')
    expect((await machine.gorae(['status'])).stdout).toContain('default: running')
    await machine.gorae(['down'])
    expect(await machine.leftovers()).toEqual([])
  })
})
