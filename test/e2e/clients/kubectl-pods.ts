/** What people do with Pods by kubectl. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { eventually, startedWith } from './clients.ts'
import type { KubectlSession } from './kubectl-session.ts'

const podWithTypos = `
apiVersion: v1
kind: Pod
metadata:
  name: my-app
  label:
    app: my-app
spec:
  containrs:
    - name: nginx-pod
      image: nginx
`

/** Tests with the running Pod `web`. */
export function testPods(session: KubectlSession): void {
  const { client, namespace, isOld, kubectl, says, refused, file } = session

  test('run and get show a Pod in every form', async () => {
    expect(await says('run', 'plain', '--image=busybox', '--dry-run=client', '-o', 'yaml')).toContain('image: busybox')
    expect(await says('run', 'plain', '--image=busybox', '--dry-run=server', '-o', 'name')).toBe('pod/plain')
    expect(await says('get', 'pods', '-o', 'wide')).toMatch(/NAME +READY +STATUS .*\nweb +2\/2 +Running .* node-1 /)
    expect(await says('get', 'pod', 'web', '-o', 'jsonpath={.status.phase}')).toBe('Running')
    expect(await says('get', 'pods', '-l', 'app=web', '-o', 'name')).toBe('pod/web')
    expect(await says('get', 'pods', '-o', 'custom-columns=N:.metadata.name,Q:.status.qosClass')).toMatch(
      /^N +Q\nweb +BestEffort$/,
    )
    expect(await says('get', 'pods', '--field-selector=status.phase=Running', '--sort-by=.metadata.name')).toContain(
      'web',
    )
    expect(await says('get', 'pods', '-A', '-o', 'yaml')).toContain('kind: List')
  })

  test('describe tells of the Pod and its events', async () => {
    const text = await eventually(async () => {
      const described = await says('describe', 'pod', 'web')
      expect(described).toContain('Container started')
      return described
    })
    expect(text).toMatch(/Status: +Running/)
    expect(text).toMatch(/Init Containers:\n {2}seed:/)
    expect(text).toContain('Successfully assigned')
    expect(await says('describe', 'node', 'node-1')).toMatch(/Ready +True .* KubeletReady/)
  })

  test('typos are refused by name', async () => {
    const text = await refused(['create', '-f', file('typos.yaml', podWithTypos)])
    for (const part of isOld ? ['"label"', '"containrs"'] : ['metadata.label', 'spec.containrs', 'did you mean']) {
      expect(text).toContain(part)
    }
    const named = await refused(['run', 'Bad_Name', '--image=busybox'])
    expect(named).toContain('a lowercase RFC 1123 subdomain must consist of')
    expect(await refused(['get', 'pod', 'nowhere'])).toContain('Error from server (NotFound): pods "nowhere" not found')
  })

  test('logs of one container, of all, of an init container, and those that follow', async () => {
    expect(await says('logs', 'web', '-c', 'server')).toBe('serving')
    expect(await says('logs', 'web', '-c', 'seed')).toBe('seeded')
    expect(await says('logs', 'web', '-c', 'greeter', '--tail=1')).toBe('two')
    expect(await says('logs', 'web', '-c', 'server', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z serving$/)
    expect((await says('logs', '-l', 'app=web', '--all-containers')).split('\n').toSorted()).toEqual(
      expect.arrayContaining(['one', 'seeded', 'serving', 'two']),
    )
    await kubectl(['run', 'talker', '--image=busybox', '--restart=Never', '--', 'sh', '-c', 'echo a; sleep 1; echo b'])
    await eventually(() => says('logs', 'talker'))
    expect(await says('logs', '-f', 'talker')).toBe('a\nb')
  })

  test('exec runs, hands on input, ends with the code of the command, and gives a terminal', async () => {
    expect(await says('exec', 'web', '-c', 'server', '--', 'hostname')).toBe('web')
    const piped = await kubectl(['exec', '-i', 'web', '-c', 'server', '--', 'sh', '-c', 'cat; exit 7'], {
      input: 'through\n',
      mayFail: true,
    })
    expect(piped).toMatchObject({ stdout: 'through\n', code: piped.code })
    expect(piped.stderr).toContain('exit code 7')
    const command = `stty rows 33 cols 77; ${client.program} -n ${namespace} exec -it web -c server -- sh -c 'tty; until stty size 2>/dev/null | grep 33; do sleep 0.1; done'`
    // Its input stays open: `script` would take the end of it for Ctrl-D.
    const terminal = session.machine.spawn('script', ['-qec', command, '/dev/null'])
    await startedWith(terminal, '33 77')
    terminal.kill()
  })

  test('attach hands lines to a container that reads them', async () => {
    const attached = session.machine.spawn(client.program, ['-n', namespace, 'attach', '-i', 'web', '-c', 'greeter'])
    try {
      await eventually(async () => {
        attached.stdin?.write('hello\n')
        expect(await says('logs', 'web', '-c', 'greeter')).toContain('got hello')
      })
    } finally {
      attached.kill()
    }
  })

  test('cp carries a file there and back', async () => {
    const bytes = 'text and \u0000 bytes '.repeat(20_000)
    const from = file('carried', bytes)
    await kubectl(['cp', from, 'web:/tmp/carried', '-c', 'server'])
    await kubectl(['cp', 'web:/tmp/carried', `${from}.back`, '-c', 'server'])
    expect(readFileSync(`${from}.back`, 'utf8')).toBe(bytes)
  })

  test.skipIf(isOld)('debug puts a container into a running Pod, or beside a copy of it', async () => {
    await kubectl(['debug', 'web', '--image=busybox', '--target=server', '-c', 'look', '--', 'sleep', '100'])
    await eventually(async () =>
      expect(await says('get', 'pod', 'web', '-o', 'jsonpath={.status.ephemeralContainerStatuses[0].state}')).toContain(
        'running',
      ),
    )
    await kubectl(['debug', 'web', '--copy-to=copied', '--image=busybox', '-c', 'extra', '--', 'sleep', '100'])
    expect(await says('get', 'pod', 'copied', '-o', 'jsonpath={.spec.containers[*].name}')).toBe('server greeter extra')
  })
}
