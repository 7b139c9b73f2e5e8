import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Machine, openMachine } from './machine.ts'
import { PROJECT } from './setup.ts'

describe('the packed tarball, installed elsewhere', () => {
  let folder: string
  let machine: Machine
  const npm = (args: readonly string[], cwd: string) =>
    execFileSync('npm', [...args], { cwd, stdio: 'pipe' }).toString()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gorae-packed-'))
    npm(['pack', '--silent', '--pack-destination', folder], PROJECT)
    const [tarball] = readdirSync(folder)
    const app = join(folder, 'app')
    mkdirSync(app)
    writeFileSync(join(app, 'package.json'), '{"name":"app","private":true,"type":"module"}')
    npm(['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', join(folder, tarball ?? '')], app)
    machine = await openMachine({ program: join(app, 'node_modules/gorae/dist/gorae.js') })
  })
  afterAll(async () => {
    await machine.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('npx gorae runs', () => {
    expect(npm(['exec', '--offline', '--', 'gorae', 'version'], join(folder, 'app'))).toMatch(/^gorae \d+\.\d+\.\d+ /)
  })

  test('it brings a simulated cluster up and down, and leaves nothing', async () => {
    const policy = join(folder, 'policy.yaml')
    writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, verbs: [create]}]\n')
    const log = join(folder, 'audit.log')
    const audit = ['--audit-policy-file', policy, '--audit-log-path', log]
    await machine.gorae(['up', '--runtime', 'simulated', '--nodes', '2', '--no-merge-kubeconfig', ...audit])
    const kubeconfig = join(machine.home, 'default/kubeconfig')
    const nodes = await machine.kubectl(['--kubeconfig', kubeconfig, 'get', 'nodes', '--no-headers'])
    expect(nodes.stdout).toMatch(/^node-1 /)
    const kubectl = (...args: string[]) => machine.kubectl(['--kubeconfig', kubeconfig, ...args])
    await kubectl('apply', '-f', join(PROJECT, 'examples/hello-pod.yaml'))
    await kubectl('wait', '--for=condition=Ready', 'pod/myapp-pod', '--timeout=30s')
    const events = readFileSync(log, 'utf8').split('\n').slice(0, -1)
    const created = events.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(created).toContainEqual(
      expect.objectContaining({
        stage: 'ResponseComplete',
        verb: 'create',
        user: expect.objectContaining({ username: 'kubernetes-admin' }) as unknown,
        objectRef: { resource: 'pods', namespace: 'default', name: 'myapp-pod', apiVersion: 'v1' },
        responseStatus: { metadata: {}, code: 201 },
      }),
    )
    await machine.gorae(['down'])
    expect(await machine.leftovers()).toEqual([])
  })

  test('gorae/testing makes a cluster in the caller’s process', () => {
    const script = `
      import { createCluster } from 'gorae/testing'
      const cluster = await createCluster()
      const ref = { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace', namespaced: false }
      await cluster.client.create(ref, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } })
      console.log((await cluster.client.get(ref, { name: 'made' })).metadata.uid !== undefined)
      await cluster.stop()`
    writeFileSync(join(folder, 'app/try.js'), script)
    expect(execFileSync(process.execPath, ['try.js'], { cwd: join(folder, 'app') }).toString()).toBe('true\n')
  })
})
