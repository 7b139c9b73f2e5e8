import { expect, test } from 'vitest'

import { openMachine } from './machine.ts'

const POD = `
apiVersion: v1
kind: Pod
metadata: { name: hoarder }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, 'dd if=/dev/zero of=/cache/file bs=1M count=4; exec sleep 1000']
      volumeMounts: [{ name: cache, mountPath: /cache }]
  volumes: [{ name: cache, emptyDir: { sizeLimit: 1Mi } }]
`

test('a Pod that fills its emptyDir beyond the limit is evicted, and says why', async () => {
  const machine = await openMachine()
  try {
    await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    await machine.gorae(['up'])
    await machine.kubectl(['apply', '-f', '-'], { input: POD })
    const get = async (path: string) =>
      (await machine.kubectl(['get', 'pod', 'hoarder', '-o', `jsonpath={${path}}`])).stdout
    await expect.poll(() => get('.status.phase'), { timeout: 40_000 }).toBe('Failed')
    expect(await get('.status.reason')).toBe('Evicted')
    expect(await get('.status.message')).toBe('Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ')
    expect(await get('.status.conditions[?(@.type=="DisruptionTarget")].reason')).toBe('TerminationByKubelet')
  } finally {
    await machine.close()
  }
})
