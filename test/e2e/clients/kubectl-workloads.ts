/** What people do with workloads, and how they reach them, by kubectl. */

import { expect, test } from 'vitest'

import { BUSYBOX, port, startedWith } from './clients.ts'
import type { KubectlSession } from './kubectl-session.ts'

/** Tests that make the Deployment `site` and what is around it. */
export function testWorkloads(session: KubectlSession): void {
  const { client, namespace, isOld, kubectl, says } = session

  test('a Deployment is created, exposed, scaled, rolled out and rolled back', async () => {
    await kubectl(['create', 'deployment', 'site', '--image=busybox', '--', 'httpd', '-f', '-p', '8080', '-h', '/etc'])
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
      const forward = await startedWith(session.machine.spawn(client.program, args), 'Forwarding from')
      try {
        for (let i = 0; i < 3; i++) {
          // oxlint-disable-next-line no-await-in-loop -- one connection after another
          const { stdout } = await session.machine.run(BUSYBOX, ['wget', '-qO-', `http://127.0.0.1:${local}/${path}`])
          expect(stdout.trim()).toMatch(body)
        }
      } finally {
        forward.kill()
      }
    })
  }

  test('proxy reaches the API, a Pod and a Service', async () => {
    const local = port()
    const proxy = await startedWith(
      session.machine.spawn(client.program, ['proxy', `--port=${local}`]),
      'Starting to serve',
    )
    try {
      const get = async (path: string) =>
        (await session.machine.run(BUSYBOX, ['wget', '-qO-', `http://127.0.0.1:${local}${path}`])).stdout.trim()
      expect(await get('/healthz')).toBe('ok')
      expect(await get(`/api/v1/namespaces/${namespace}/pods/web:8080/proxy/index.html`)).toBe('first')
      expect(await get(`/api/v1/namespaces/${namespace}/services/site:80/proxy/hostname`)).toMatch(/^site-/)
    } finally {
      proxy.kill()
    }
  })

  test.skipIf(isOld)('create job --from a CronJob', async () => {
    await kubectl(['create', 'cronjob', 'nightly', '--image=busybox', '--schedule=0 0 1 1 *', '--', 'echo', 'by hand'])
    await kubectl(['create', 'job', 'by-hand', '--from=cronjob/nightly'])
    await kubectl(['wait', 'job/by-hand', '--for=condition=complete', '--timeout=60s'])
    expect(await says('logs', 'job/by-hand')).toBe('by hand')
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
}
