import { expect, test } from 'vitest'

import { type Machine, openMachine } from './machine.ts'

const POD = `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, 'exec sleep 1000']
      resources: { requests: { cpu: 100m, memory: 32Mi }, limits: { cpu: 100m, memory: 32Mi } }
    - name: restarting
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, 'trap exit TERM; while true; do sleep 0.1; done']
      resizePolicy: [{ resourceName: memory, restartPolicy: RestartContainer }]
      resources: { requests: { cpu: 100m, memory: 32Mi }, limits: { cpu: 100m, memory: 32Mi } }
---
apiVersion: v1
kind: Pod
metadata: { name: whole }
spec:
  terminationGracePeriodSeconds: 1
  resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { cpu: 200m, memory: 64Mi } }
  containers:
    - name: app
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, '(head -c 30000000 /dev/zero; sleep 1000) | tail']
`

interface Resources {
  requests: Record<string, string>
  limits: Record<string, string>
}

interface PodJson {
  spec: {
    containers: { resources: Resources }[]
    resources?: Resources
    ephemeralContainers?: object[]
  }
}

async function change(machine: Machine, name: string, subresource: string, edit: (pod: PodJson) => void) {
  const { stdout } = await machine.kubectl(['get', 'pod', name, '-o', 'json'])
  const pod = JSON.parse(stdout) as PodJson
  edit(pod)
  const path = `/api/v1/namespaces/default/pods/${name}/${subresource}`
  await machine.kubectl(['replace', '--raw', path, '-f', '-'], { input: JSON.stringify(pod) })
}

const LIMIT = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'

test('a running Pod gets more memory and an ephemeral container, and goes on running', async () => {
  const machine = await openMachine()
  try {
    await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    await machine.gorae(['up'])
    await machine.kubectl(['apply', '-f', '-'], { input: POD })
    await machine.kubectl(['wait', '--for=condition=Ready', 'pod/web', 'pod/whole', '--timeout=30s'])
    const get = async (path: string, pod = 'web') =>
      (await machine.kubectl(['get', 'pod', pod, '-o', `jsonpath={${path}}`])).stdout
    const limit = async (container: string, pod = 'web') =>
      (await machine.kubectl(['exec', pod, '-c', container, '--', 'sh', '-c', LIMIT], { mayFail: true })).stdout.trim()
    expect(await limit('app')).toBe(String(32 * 2 ** 20))

    await change(machine, 'web', 'resize', ({ spec }) => {
      for (const { resources } of spec.containers) {
        resources.requests['memory'] = '48Mi'
        resources.limits['memory'] = '48Mi'
      }
    })
    const more = String(48 * 2 ** 20)
    await expect.poll(() => limit('app'), { timeout: 20_000 }).toBe(more)
    await expect.poll(() => limit('restarting'), { timeout: 20_000 }).toBe(more)
    const restarts = '.status.containerStatuses[*].restartCount'
    await expect.poll(() => get(restarts), { timeout: 20_000 }).toBe('0 1')
    await expect.poll(() => get('.status.conditions[*].type'), { timeout: 10_000 }).not.toContain('PodResize')
    expect(await get('.status.containerStatuses[0].resources.limits.memory')).toBe('48Mi')

    // A container without a limit has that of the Pod, and nobody is left with less than is in use.
    const resizeWhole = (memory: string) =>
      change(machine, 'whole', 'resize', ({ spec }) => {
        if (spec.resources !== undefined) Object.assign(spec.resources.limits, { memory })
        if (spec.resources !== undefined) Object.assign(spec.resources.requests, { memory })
      })
    const progress = () => get('.status.conditions[?(@.type=="PodResizeInProgress")].message', 'whole')
    expect(await limit('app', 'whole')).toBe(String(64 * 2 ** 20))
    await resizeWhole('24Mi')
    await expect.poll(progress, { timeout: 20_000 }).toMatch(/^cannot decrease memory limits: .* below current usage/)
    expect(await limit('app', 'whole')).toBe(String(64 * 2 ** 20))
    await resizeWhole('96Mi')
    await expect.poll(() => limit('app', 'whole'), { timeout: 20_000 }).toBe(String(96 * 2 ** 20))
    await expect.poll(() => get('.status.resources.limits.memory', 'whole'), { timeout: 20_000 }).toBe('96Mi')
    expect(await get('.status.containerStatuses[0].restartCount', 'whole')).toBe('0')

    await change(machine, 'web', 'ephemeralcontainers', ({ spec }) => {
      spec.ephemeralContainers = [
        {
          name: 'debugger',
          image: 'busybox',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', 'tr "\\0" " " < /proc/1/cmdline; echo; exec sleep 1000'],
          targetContainerName: 'app',
        },
      ]
    })
    await expect
      .poll(() => get('.status.ephemeralContainerStatuses[0].state.running.startedAt'), { timeout: 20_000 })
      .not.toBe('')
    const logs = async () => (await machine.kubectl(['logs', 'web', '-c', 'debugger'])).stdout
    // It sees the processes of the container that it is to debug.
    await expect.poll(logs, { timeout: 10_000 }).toContain('sleep 1000')
    const ps = await machine.kubectl(['exec', 'web', '-c', 'debugger', '--', 'echo', 'here'])
    expect(ps.stdout).toBe('here\n')
    expect(await get('.status.containerStatuses[0].restartCount')).toBe('0')
  } finally {
    await machine.close()
  }
})
