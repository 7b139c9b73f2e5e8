import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Machine, openMachine } from './machine.ts'
import { PROJECT } from './setup.ts'

const HELLO = join(PROJECT, 'examples/hello-pod.yaml')

describe('the hello Pod, with real containers and a real kubectl', () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await openMachine()
    await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    await machine.gorae(['up'])
  })
  afterAll(() => machine.close())

  test('it becomes Ready, says its line, and commands run in it', async () => {
    await machine.kubectl(['apply', '-f', HELLO])
    await machine.kubectl(['wait', '--for=condition=Ready', 'pod/myapp-pod', '--timeout=60s'])
    const logs = await machine.kubectl(['logs', 'myapp-pod'])
    expect(logs.stdout).toBe('안녕하세요 쿠버네티스!\n')
    const row = await machine.kubectl(['get', 'pods', '-o', 'wide', '--no-headers'])
    expect(row.stdout).toMatch(/^myapp-pod +1\/1 +Running +0 +\S+ +10\.\d+\.1\.\d+ +node-1 /)
    const exec = await machine.kubectl(['exec', 'myapp-pod', '--', 'sh', '-c', 'hostname; exit 3'], { mayFail: true })
    expect([exec.stdout, exec.code]).toEqual(['myapp-pod\n', 3])
    const input = await machine.kubectl(['exec', '-i', 'myapp-pod', '--', 'cat'], { input: 'hello\n' })
    expect(input.stdout).toBe('hello\n')
  })

  test('the host reaches the Pod, and the Pod the API server', async () => {
    const ip = (await machine.kubectl(['get', 'pod', 'myapp-pod', '-o', 'jsonpath={.status.podIP}'])).stdout
    await machine.kubectl([
      'exec',
      'myapp-pod',
      '--',
      'sh',
      '-c',
      'echo served > /tmp/x; busybox httpd -p 8080 -h /tmp',
    ])
    const answer = await machine.run(process.execPath, [
      '-e',
      `fetch('http://${ip}:8080/x').then(async (r) => console.log(await r.text()))`,
    ])
    expect(answer.stdout).toContain('served')
    const link = await machine.run('ip', ['-o', '-4', 'addr', 'show', 'dev', 'gorae-0'])
    const host = /inet ([\d.]+)/.exec(link.stdout)?.[1] ?? ''
    await machine.kubectl(['exec', 'myapp-pod', '--', 'sh', '-c', `nc -w 2 ${host} 6443 < /dev/null`])
  })

  test('its pages are read through the API server, and their links lead there again', async () => {
    const write = `echo '<a href="/x">' > /tmp/page.html`
    await machine.kubectl(['exec', 'myapp-pod', '--', 'sh', '-c', write])
    const proxy = '/api/v1/namespaces/default/pods/myapp-pod:8080/proxy'
    const page = await machine.kubectl(['get', '--raw', `${proxy}/page.html`])
    expect(page.stdout).toBe(`<a href="${proxy}/x">\n`)
  })

  test('after the node process is killed, its containers go on, and up takes them over', async () => {
    const id = async () =>
      (await machine.kubectl(['get', 'pod', 'myapp-pod', '-o', 'jsonpath={.status.containerStatuses[0].containerID}']))
        .stdout
    const before = await id()
    const status = JSON.parse((await machine.gorae(['status', '-o', 'json'])).stdout)
    process.kill(status.clusters[0].nodes[0].pid, 'SIGKILL')
    await machine.gorae(['up'])
    const exec = await machine.kubectl(['exec', 'myapp-pod', '--', 'cat', '/tmp/x'])
    expect(exec.stdout).toBe('served\n')
    expect(await id()).toBe(before)
  })

  test('after stop and up the Pod runs again', async () => {
    await machine.gorae(['stop'])
    expect(await machine.leftovers()).toEqual([])
    await machine.gorae(['up'])
    await machine.kubectl(['wait', '--for=condition=Ready', 'pod/myapp-pod', '--timeout=60s'])
    const exec = await machine.kubectl(['exec', 'myapp-pod', '--', 'hostname'])
    expect(exec.stdout).toBe('myapp-pod\n')
  })

  test('down leaves nothing', async () => {
    await machine.gorae(['down'])
    expect(await machine.leftovers()).toEqual([])
  })
})
