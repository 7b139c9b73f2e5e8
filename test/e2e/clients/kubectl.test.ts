/**
 * What people type, with programs that know nothing of gorae: an old kubectl (1.20) and the newest that is there, each against the
 * same running cluster, in a namespace of its own. `KUBECTLS` names further ones, apart by colons, and `HELM` Helms.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Machine, openMachine } from '../machine.ts'
import { BUSYBOX, clients, eventually, programsIn } from './clients.ts'
import { testHelm } from './helm.ts'
import { testObjects } from './kubectl-objects.ts'
import { testPods } from './kubectl-pods.ts'
import { kubectlSession } from './kubectl-session.ts'
import { testWorkloads } from './kubectl-workloads.ts'

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', BUSYBOX, '--cmd', 'sh'])
  await machine.gorae(['up'])
})
afterAll(() => machine.close())

const webAndSidecar = `
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - name: content
    emptyDir: {}
  initContainers:
  - name: seed
    image: busybox
    command: ['sh', '-c', 'echo seeded; echo first > /content/index.html']
    volumeMounts: [{name: content, mountPath: /content}]
  containers:
  - name: server
    image: busybox
    command: ['sh', '-c', 'echo serving; exec httpd -f -p 8080 -h /www']
    ports: [{containerPort: 8080}]
    volumeMounts: [{name: content, mountPath: /www}]
  - name: greeter
    image: busybox
    command: ['sh', '-c', 'echo one; echo two; while read line; do echo "got $line"; done; sleep 3600']
    stdin: true
`

for (const client of clients()) {
  describe(`kubectl ${client.version}`, () => {
    const session = kubectlSession(client, () => machine)
    const { namespace, kubectl, says, refused, file } = session

    beforeAll(async () => {
      await machine.run(client.program, ['create', 'namespace', namespace])
      await eventually(() => says('get', 'serviceaccount', 'default', '-o', 'name'))
      await kubectl(['create', '-f', file('web.yaml', webAndSidecar)])
      await kubectl(['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s'])
    })

    testPods(session)
    testWorkloads(session)
    testObjects(session)

    test('delete waits until the objects are gone, in a namespace too', async () => {
      await kubectl(['delete', 'pod', 'web', '--grace-period=1'])
      expect(await refused(['get', 'pod', 'web'])).toContain('NotFound')
      await kubectl(['delete', 'deployment', 'site'])
      await kubectl(['delete', 'pods', '--all', '--force', '--grace-period=0'])
      await kubectl(['delete', 'priorityclass', `${namespace}-first`])
      await machine.run(client.program, ['delete', 'namespace', namespace])
      expect(await refused(['get', 'namespace', namespace])).toContain('NotFound')
    })
  })
}

for (const program of programsIn('HELM')) testHelm(program, () => machine)
