/** What people do with objects of any kind by kubectl. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { eventually } from './clients.ts'
import type { KubectlSession } from './kubectl-session.ts'

const configMap = (value: string) => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  colour: "${value}"
`

/** Tests of changing, applying, making and asking. */
export function testObjects(session: KubectlSession): void {
  const { client, namespace, isOld, kubectl, says, refused, file } = session

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
    await session.machine.run('chmod', ['+x', editor])
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
    const folder = join(session.machine.folder, `kustomized-${client.version}`)
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

  test('get --watch prints what changes', async () => {
    const args = ['-n', namespace, 'get', 'configmap', '--watch-only', '-o', 'name']
    const watch = session.machine.spawn(client.program, args)
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
}
