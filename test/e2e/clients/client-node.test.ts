/** The official JavaScript client as its users use it: lists, informers, logs, exec, port forwards, apply and watches. */

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Machine, openMachine } from '../machine.ts'
import { BUSYBOX } from './clients.ts'

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', BUSYBOX, '--cmd', 'sh'])
  await machine.gorae(['up'])
})
afterAll(() => machine.close())

test('@kubernetes/client-node lists, informs, logs, runs, forwards, applies and watches', async () => {
  const { stdout } = await machine.run(process.execPath, [join(import.meta.dirname, 'client-node.mjs'), 'by-client'])
  expect(stdout).toBe('all done\n')
})
