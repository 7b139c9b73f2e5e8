import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { daemonPid, nodeOf } from '../faults/node-state.ts'
import { type Machine, openMachine } from './machine.ts'

let machine: Machine
let cluster: string
beforeEach(async () => {
  machine = await openMachine()
  cluster = join(machine.home, 'default')
  await machine.gorae(['up', '--runtime', 'simulated'])
  await machine.kubectl(['create', 'configmap', 'kept'])
})
afterEach(() => machine.close())

const data = () => join(cluster, 'data')
const serverPid = () => daemonPid(nodeOf(machine), 'server')
const logOf = (name: string) => readFileSync(join(cluster, name), 'utf8')
const WHY = /the data in \S+\/default\/data is gone: the folder was removed while it was in use/
/** A node's write may have been the first that noticed. */
const OR_ENDED = /connect: connection refused/

/** Writes, which is refused in words or comes too late, and waits for the end of the server. */
async function refusal(): Promise<void> {
  const pid = serverPid()
  const { code, stderr } = await machine.kubectl(['create', 'configmap', 'late'], { mayFail: true })
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`${WHY.source}|${OR_ENDED.source}`))
  await expect.poll(() => pid !== undefined && existsSync(`/proc/${pid}`), { timeout: 20_000 }).toBe(false)
  expect(logOf('server.log')).toMatch(/error the server cannot go on error="the data in/)
}

test('a cluster whose data folder is moved away refuses writes, ends its server, and goes on when it is back', async () => {
  renameSync(data(), join(cluster, 'moved'))
  await refusal()
  const again = await machine.gorae(['up'], { mayFail: true })
  expect(again.code).toBe(1)
  expect(again.stderr).toContain(`the data of the cluster "default" is gone: there is none in ${data()}`)
  expect(again.stderr).toContain('put that folder back as it was, or make the cluster anew: gorae down')
  renameSync(join(cluster, 'moved'), data())
  await machine.gorae(['up'])
  await machine.kubectl(['get', 'configmap', 'kept'])
  await machine.kubectl(['create', 'configmap', 'late'])
})

test('a cluster whose data folder is removed is not made anew behind the back of its nodes, and down leaves nothing', async () => {
  rmSync(data(), { recursive: true })
  await refusal()
  await expect
    .poll(() => logOf('nodes/node-1/node.log'), { timeout: 30_000 })
    .toContain('the data of the cluster "default" is gone')
  expect(existsSync(data())).toBe(false)
  expect((await machine.gorae(['status'])).stdout).toContain('default: partly running')
  await machine.gorae(['down'])
  expect(await machine.leftovers()).toEqual([])
})
