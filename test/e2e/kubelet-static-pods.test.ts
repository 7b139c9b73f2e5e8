import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { openMachine } from './machine.ts'

const manifest = (command: string) => `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  terminationGracePeriodSeconds: 1
  containers: [{ name: app, image: busybox, imagePullPolicy: IfNotPresent, command: [sh, -c, '${command}'] }]
`

test('a node runs the Pods of its folder, and kubectl sees them and cannot control them', async () => {
  const machine = await openMachine()
  try {
    await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    await machine.gorae(['up'])
    const file = join(machine.home, 'default/nodes/node-1/static-pods/web.yaml')
    writeFileSync(file, manifest('echo one; exec sleep 1000'))
    const get = async (path: string) =>
      (await machine.kubectl(['get', 'pod', 'web-node-1', '-o', `jsonpath={${path}}`], { mayFail: true })).stdout
    const ready = () => machine.kubectl(['wait', '--for=condition=Ready', 'pod/web-node-1', '--timeout=30s'])
    await expect.poll(() => get('.metadata.uid'), { timeout: 20_000 }).not.toBe('')
    await ready()
    expect((await machine.kubectl(['logs', 'web-node-1'])).stdout).toBe('one\n')
    const [uid, id] = [await get('.metadata.uid'), await get('.status.containerStatuses[0].containerID')]

    await machine.kubectl(['delete', 'pod', 'web-node-1'])
    await expect.poll(() => get('.metadata.uid'), { timeout: 20_000 }).not.toMatch(new RegExp(`^(${uid})?$`))
    await ready()
    expect(await get('.status.containerStatuses[0].containerID')).toBe(id)

    writeFileSync(file, manifest('echo two; exec sleep 1000'))
    await expect
      .poll(async () => (await machine.kubectl(['logs', 'web-node-1'], { mayFail: true })).stdout, { timeout: 20_000 })
      .toBe('two\n')

    rmSync(file)
    await expect.poll(() => get('.metadata.uid'), { timeout: 20_000 }).toBe('')
    await machine.gorae(['down'])
    expect(await machine.leftovers()).toEqual([])
  } finally {
    await machine.close()
  }
})
