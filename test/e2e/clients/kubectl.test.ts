/**
 * What people type, with programs that know nothing of gorae: an old kubectl (1.20) and the newest that is there, each against the
 * same running cluster, in a namespace of its own.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Answer, type Machine, type RunOptions, openMachine } from '../machine.ts'
import { BUSYBOX, clients, eventually, port, startedWith } from './clients.ts'

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', BUSYBOX, '--cmd', 'sh'])
  await machine.gorae(['up'])
})
afterAll(() => machine.close())

/** A file in the machine's folder. */
function file(name: string, text: string): string {
  const path = join(machine.folder, name)
  writeFileSync(path, text)
  return path
}

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

const configMap = (value: string) => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  colour: "${value}"
`

for (const client of clients()) {
  describe(`kubectl ${client.version}`, () => {
    const namespace = `kubectl-${client.version.replaceAll('.', '-')}`
    const isOld = client.minor < 27
    const kubectl = (args: readonly string[], options?: RunOptions): Promise<Answer> =>
      machine.run(client.program, ['--namespace', namespace, ...args], options)
    /** What it prints, without the last line end. */
    const says = async (...args: string[]) => (await kubectl(args)).stdout.trimEnd()
    const refused = async (args: readonly string[], options: RunOptions = {}) => {
      const { code, stderr } = await kubectl(args, { ...options, mayFail: true })
      expect(code).not.toBe(0)
      return stderr
    }

    beforeAll(async () => {
      await machine.run(client.program, ['create', 'namespace', namespace])
      await eventually(() => says('get', 'serviceaccount', 'default', '-o', 'name'))
      await kubectl(['create', '-f', file('web.yaml', webAndSidecar)])
      await kubectl(['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s'])
    })

    test('run and get show a Pod in every form', async () => {
      expect(await says('run', 'plain', '--image=busybox', '--dry-run=client', '-o', 'yaml')).toContain(
        'image: busybox',
      )
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
        expect(described).toContain('Started container server')
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
      expect(await refused(['get', 'pod', 'nowhere'])).toContain(
        'Error from server (NotFound): pods "nowhere" not found',
      )
    })

    test('logs of one container, of all, of an init container, and those that follow', async () => {
      expect(await says('logs', 'web', '-c', 'server')).toBe('serving')
      expect(await says('logs', 'web', '-c', 'seed')).toBe('seeded')
      expect(await says('logs', 'web', '-c', 'greeter', '--tail=1')).toBe('two')
      expect(await says('logs', 'web', '-c', 'server', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z serving$/)
      expect((await says('logs', '-l', 'app=web', '--all-containers')).split('\n').toSorted()).toEqual(
        expect.arrayContaining(['one', 'seeded', 'serving', 'two']),
      )
      await kubectl([
        'run',
        'talker',
        '--image=busybox',
        '--restart=Never',
        '--',
        'sh',
        '-c',
        'echo a; sleep 1; echo b',
      ])
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
      const terminal = machine.spawn('script', ['-qec', command, '/dev/null'])
      await startedWith(terminal, '33 77')
      terminal.kill()
    })

    test('attach hands lines to a container that reads them', async () => {
      const attached = machine.spawn(client.program, ['-n', namespace, 'attach', '-i', 'web', '-c', 'greeter'])
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

    test('a Deployment is created, exposed, scaled, rolled out and rolled back', async () => {
      await kubectl([
        'create',
        'deployment',
        'site',
        '--image=busybox',
        '--',
        'httpd',
        '-f',
        '-p',
        '8080',
        '-h',
        '/etc',
      ])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
      await kubectl(['expose', 'deployment', 'site', '--port=80', '--target-port=8080'])
      await kubectl(['scale', 'deployment/site', '--replicas=2'])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
      expect(await says('get', 'deployment', 'site')).toMatch(/site +2\/2 +2 +2 /)
      const patch = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":0}}}}'
      await kubectl(['patch', 'deployment', 'site', '-p', patch])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
      await kubectl(['set', 'image', 'deployment/site', 'busybox=busybox:latest'])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
      expect(await says('rollout', 'history', 'deployment/site')).toMatch(/1 +<none>\n2 +<none>\n3 +<none>/)
      await kubectl(['rollout', 'undo', 'deployment/site'])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
      expect(await says('get', 'deployment', 'site', '-o', 'jsonpath={..image}')).toBe('busybox')
      await kubectl(['rollout', 'restart', 'deployment/site'])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
    })

    for (const [target, remote, path, body] of [
      ['pod/web', 8080, 'index.html', /^first$/],
      ['deployment/site', 8080, 'hostname', /^site-/],
      ['service/site', 80, 'hostname', /^site-/],
    ] as const) {
      test(`port-forward reaches ${target}`, async () => {
        const local = port()
        const args = ['-n', namespace, 'port-forward', target, `${local}:${remote}`]
        const forward = await startedWith(machine.spawn(client.program, args), 'Forwarding from')
        try {
          for (let i = 0; i < 3; i++) {
            // oxlint-disable-next-line no-await-in-loop -- one connection after another
            const { stdout } = await machine.run(BUSYBOX, ['wget', '-qO-', `http://127.0.0.1:${local}/${path}`])
            expect(stdout.trim()).toMatch(body)
          }
        } finally {
          forward.kill()
        }
      })
    }

    test('proxy reaches the API, a Pod and a Service', async () => {
      const local = port()
      const proxy = await startedWith(machine.spawn(client.program, ['proxy', `--port=${local}`]), 'Starting to serve')
      try {
        const get = async (path: string) =>
          (await machine.run(BUSYBOX, ['wget', '-qO-', `http://127.0.0.1:${local}${path}`])).stdout.trim()
        expect(await get('/healthz')).toBe('ok')
        expect(await get(`/api/v1/namespaces/${namespace}/pods/web:8080/proxy/index.html`)).toBe('first')
        expect(await get(`/api/v1/namespaces/${namespace}/services/site:80/proxy/hostname`)).toMatch(/^site-/)
      } finally {
        proxy.kill()
      }
    })

    test('label, annotate and patch change a Pod', async () => {
      await kubectl(['label', 'pod', 'web', 'tier=front'])
      await kubectl(['annotate', 'pod', 'web', 'note=seen'])
      await kubectl(['patch', 'pod', 'web', '--type=merge', '-p', '{"metadata":{"labels":{"m":"1"}}}'])
      const operation = '[{"op":"add","path":"/metadata/labels/j","value":"2"}]'
      await kubectl(['patch', 'pod', 'web', '--type=json', '-p', operation])
      expect(JSON.parse(await says('get', 'pod', 'web', '-o', 'jsonpath={.metadata.labels}'))).toEqual({
        app: 'web',
        tier: 'front',
        m: '1',
        j: '2',
      })
      await kubectl(['label', 'pod', 'web', 'tier-'])
      expect(await refused(['patch', 'pod', 'web', '-p', '{"spec":{"hostname":"other"}}'])).toContain(
        'pod updates may not change fields other than',
      )
    })

    test('apply, diff, edit and replace keep a file and the cluster alike', async () => {
      const path = file('settings.yaml', configMap('red'))
      expect(await says('apply', '-f', path)).toBe('configmap/settings created')
      expect(await says('apply', '-f', path)).toBe('configmap/settings unchanged')
      file('settings.yaml', configMap('green'))
      const difference = await kubectl(['diff', '-f', path], { mayFail: true })
      expect(difference.code).toBe(1)
      expect(difference.stdout).toMatch(/- {2}colour: red\n\+ {2}colour: green/)
      expect(await says('apply', '-f', path, '--dry-run=server')).toContain('configured (server dry run)')
      expect(await says('apply', '-f', path)).toBe('configmap/settings configured')
      const editor = file('editor.sh', '#!/bin/sh\nsed -i "s/colour: .*/colour: blue/" "$1"\n')
      await machine.run('chmod', ['+x', editor])
      await kubectl(['edit', 'configmap', 'settings'], { env: { KUBE_EDITOR: editor } })
      expect(await says('get', 'configmap', 'settings', '-o', 'jsonpath={.data.colour}')).toBe('blue')
      expect(await says('replace', '-f', path)).toBe('configmap/settings replaced')
      expect(await says('replace', '--force', '-f', path)).toMatch(/configmap\/settings replaced$/)
    })

    test('server-side apply knows who owns what', async () => {
      const path = file('owned.yaml', configMap('red').replace('settings', 'owned'))
      await kubectl(['apply', '--server-side', '--field-manager=one', '-f', path])
      file('owned.yaml', configMap('green').replace('settings', 'owned'))
      const conflict = await refused(['apply', '--server-side', '--field-manager=two', '-f', path])
      expect(conflict).toContain('Apply failed with 1 conflict: conflict with "one": .data.colour')
      await kubectl(['apply', '--server-side', '--field-manager=two', '--force-conflicts', '-f', path])
      expect(await says('get', 'configmap', 'owned', '-o', 'jsonpath={.data.colour}')).toBe('green')
    })

    test('kustomize and prune', async () => {
      const folder = join(machine.folder, `kustomized-${client.version}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'settings.yaml'), configMap('red'))
      writeFileSync(
        join(folder, 'kustomization.yaml'),
        'resources: [settings.yaml]\nnamePrefix: made-\ncommonLabels: {set: made}\n',
      )
      expect(await says('apply', '-k', folder)).toBe('configmap/made-settings created')
      const other = file(
        'other.yaml',
        configMap('red').replace('name: settings', 'name: made-other\n  labels: {set: made}'),
      )
      const list = isOld ? '--prune-whitelist' : '--prune-allowlist'
      const pruned = await says('apply', '-f', other, '--prune', '-l', 'set=made', `${list}=core/v1/ConfigMap`)
      expect(pruned).toContain('configmap/made-settings pruned')
      expect(await says('get', 'configmap', '-l', 'set=made', '-o', 'name')).toBe('configmap/made-other')
    })

    test('create makes what the cluster has besides Pods', async () => {
      for (const args of [
        ['configmap', 'plain', '--from-literal=a=b'],
        ['secret', 'generic', 'hidden', '--from-literal=a=b'],
        ['quota', 'limits', '--hard=configmaps=50'],
        ['serviceaccount', 'robot'],
        ['role', 'reader', '--verb=get,list', '--resource=pods'],
        ['rolebinding', 'reads', '--role=reader', `--serviceaccount=${namespace}:robot`],
        ['ingress', 'door', '--rule=example.com/*=site:80'],
        ['priorityclass', `${namespace}-first`, '--value=100'],
        ['job', 'once', '--image=busybox', '--', 'echo', 'hi'],
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- in order
        expect((await kubectl(['create', ...args])).stdout).toContain(' created')
      }
      await kubectl(['wait', 'job/once', '--for=condition=complete', '--timeout=60s'])
      expect(await says('logs', 'job/once')).toBe('hi')
      expect(await says('describe', 'quota', 'limits')).toMatch(/configmaps +\d+ +50/)
    })

    test('auth can-i knows what a role allows', async () => {
      const robot = `--as=system:serviceaccount:${namespace}:robot`
      expect(await says('auth', 'can-i', 'list', 'pods', robot)).toBe('yes')
      expect((await kubectl(['auth', 'can-i', 'delete', 'pods', robot], { mayFail: true })).stdout.trim()).toBe('no')
      expect(await refused(['get', 'secrets', robot])).toMatch(/\(Forbidden\): secrets is forbidden: User "system:/)
      if (isOld) return
      expect(await says('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).toBe('kubernetes-admin')
      expect(await says('create', 'token', 'robot')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    })

    test('api-resources, explain, cluster-info and get --raw tell what there is', async () => {
      expect(await says('api-resources')).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/)
      expect(await says('api-versions')).toContain('batch/v1')
      expect(await says('explain', 'pod.spec.containers.image')).toContain('Container image name')
      expect(await says('explain', 'deployment', '--recursive')).toMatch(/maxSurge\s+</)
      expect(await says('cluster-info')).toContain('is running at')
      expect(await says('get', '--raw', '/readyz')).toBe('ok')
    })

    test.skipIf(isOld)('debug puts a container into a running Pod, or beside a copy of it', async () => {
      await kubectl(['debug', 'web', '--image=busybox', '--target=server', '-c', 'look', '--', 'sleep', '100'])
      await eventually(async () =>
        expect(
          await says('get', 'pod', 'web', '-o', 'jsonpath={.status.ephemeralContainerStatuses[0].state}'),
        ).toContain('running'),
      )
      await kubectl(['debug', 'web', '--copy-to=copied', '--image=busybox', '-c', 'extra', '--', 'sleep', '100'])
      expect(await says('get', 'pod', 'copied', '-o', 'jsonpath={.spec.containers[*].name}')).toBe(
        'server greeter extra',
      )
    })

    test.skipIf(isOld)('create job --from a CronJob', async () => {
      await kubectl([
        'create',
        'cronjob',
        'nightly',
        '--image=busybox',
        '--schedule=0 0 1 1 *',
        '--',
        'echo',
        'by hand',
      ])
      await kubectl(['create', 'job', 'by-hand', '--from=cronjob/nightly'])
      await kubectl(['wait', 'job/by-hand', '--for=condition=complete', '--timeout=60s'])
      expect(await says('logs', 'job/by-hand')).toBe('by hand')
    })

    test('get --watch prints what changes', async () => {
      const args = ['-n', namespace, 'get', 'configmap', '--watch-only', '-o', 'name']
      const watch = machine.spawn(client.program, args)
      let out = ''
      watch.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()))
      try {
        let tries = 0
        await eventually(async () => {
          await kubectl(['create', 'configmap', `seen-${tries++}`])
          expect(out).toContain('configmap/seen-')
        })
      } finally {
        watch.kill()
      }
    })

    test('taint, cordon, drain and uncordon', async () => {
      await kubectl(['taint', 'node', 'node-1', 'test=yes:NoSchedule'])
      expect(await says('describe', 'node', 'node-1')).toContain('test=yes:NoSchedule')
      await kubectl(['taint', 'node', 'node-1', 'test-'])
      const selected = ['--pod-selector=app=site', '--ignore-daemonsets', '--timeout=60s']
      await kubectl(['drain', 'node-1', ...selected, isOld ? '--delete-local-data' : '--delete-emptydir-data'])
      expect(await says('get', 'node', 'node-1')).toContain('SchedulingDisabled')
      await kubectl(['uncordon', 'node-1'])
      await kubectl(['rollout', 'status', 'deployment/site', '--timeout=60s'])
    })

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
