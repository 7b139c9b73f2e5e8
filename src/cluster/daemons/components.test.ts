import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aborted, withGroup } from '../../base/async/group.ts'
import { silentLog } from '../../base/log.ts'
import { seededRandom } from '../../base/random.ts'
import { DEPLOYMENTS } from '../../client/resources.ts'
import { startServer } from '../../server/fixtures.ts'
import type { Listening } from '../../server/http/server.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../../server/loopback.ts'
import { ManagerProgram, managerComponent, schedulerComponent, SchedulerProgram } from './components.ts'
import { startControllers, startScheduler } from './control-plane.ts'

const certificates = loopbackCertificates()
const programs = { scheduler: new SchedulerProgram('10.0.0.1:6443'), manager: new ManagerProgram('10.0.0.1:6443') }
const stopping = new AbortController()
let running: Promise<unknown>
let listening: readonly Listening[]

beforeAll(async () => {
  const { server, clock, client } = await startServer()
  const parts = { server, clock, random: seededRandom(1), log: silentLog, programs }
  running = withGroup((group) => {
    group.start((inner) => server.run(inner))
    startControllers(parts, group)
    startScheduler(parts, group)
    return aborted(group.signal)
  }, stopping.signal).catch(() => {})
  await clock.advance(1_000)
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await client.create(DEPLOYMENTS, {
    metadata: { namespace: 'default', name: 'web' },
    spec: { selector: { matchLabels: labels }, template },
  })
  // Until its Pod is there and was tried.
  await clock.advance(5_000)
  const components = [schedulerComponent(programs.scheduler, clock), managerComponent(programs.manager, clock)]
  listening = await Promise.all(components.map((each) => server.listenFor(each, loopbackListener(certificates))))
})
afterAll(async () => {
  await Promise.all(listening.map((each) => each.close()))
  stopping.abort()
  await running
})

interface Told {
  readonly status: number | undefined
  readonly body: string
}

/** Asks the scheduler's port (0) or the controllers' (1). */
function ask(which: 0 | 1, path: string, { isAdmin = true } = {}): Promise<Told> {
  const { authority, admin } = certificates
  const own = isAdmin ? { cert: admin.certificate, key: admin.key } : {}
  const at = { host: LOOPBACK, port: listening[which]?.port, path, ca: authority.certificate, agent: false, ...own }
  return new Promise((resolve, reject) => {
    const request = httpsRequest(at, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
    request.on('error', reject)
    request.end()
  })
}

test.each([
  [0, '/healthz', 200, 'ok'],
  [0, '/readyz', 200, 'ok'],
  [0, '/livez', 200, 'ok'],
  [1, '/healthz', 200, 'ok'],
  [1, '/livez', 404, '404 page not found\n'],
] as const)('port %i tells everybody of %s: %i', async (which, path, status, body) => {
  expect(await ask(which, path, { isAdmin: false })).toEqual({ status, body })
})

test.each(['/metrics', '/configz', '/statusz', '/flagz', '/nothing'])('%s is for who may see it', async (path) => {
  const { status, body } = await ask(0, path, { isAdmin: false })
  expect(status).toBe(403)
  expect(JSON.parse(body)).toMatchObject({
    message: `forbidden: User "system:anonymous" cannot get path "${path}"`,
    reason: 'Forbidden',
  })
  expect((await ask(0, path)).status).toBe(path === '/nothing' ? 404 : 200)
})

test('the scheduler tells of the Pod that found no node', async () => {
  const { body } = await ask(0, '/metrics')
  const lines = body.split('\n')
  expect(lines).toContain('scheduler_schedule_attempts_total{profile="default-scheduler",result="unschedulable"} 1')
  expect(lines).toContain('scheduler_pending_pods{queue="unschedulable"} 1')
  expect(lines).toContain('scheduler_cache_size{type="nodes"} 0')
  expect(lines).toContain('leader_election_master_status{name="kube-scheduler"} 1')
  expect(body).toMatch(/rest_client_requests_total\{code="200",host="10\.0\.0\.1:6443",method="PATCH"\} [1-9]/)
  expect(body).toMatch(/scheduler_scheduling_algorithm_duration_seconds_count 1/)
})

test('the controllers tell of their queues and of what they asked for', async () => {
  const { body } = await ask(1, '/metrics')
  for (const name of ['deployment', 'replicaset', 'garbage_collector_attempt_to_delete']) {
    expect(body).toMatch(new RegExp(`workqueue_depth\\{name="${name}"\\} \\d`))
  }
  expect(body).toMatch(/workqueue_adds_total\{name="deployment"\} [1-9]/)
  expect(body).toMatch(/workqueue_work_duration_seconds_count\{name="replicaset"\} [1-9]/)
  expect(body).toMatch(/rest_client_requests_total\{code="201",host="10\.0\.0\.1:6443",method="POST"\} [1-9]/)
})

test('settings are told under the names of the programs that they replace', async () => {
  const config = JSON.parse((await ask(0, '/configz')).body)
  expect(config.componentconfig).toMatchObject({
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ schedulerName: 'default-scheduler' }],
  })
  expect(JSON.stringify(config)).toContain('"bindingTimeout":"10m0s"')
  expect((await ask(1, '/flagz')).body).toContain('secure-port=10257')
  expect((await ask(1, '/statusz')).body).toContain('kube-controller-manager statusz')
  expect((await ask(1, '/healthz?verbose')).body).toContain('[+]deployment-controller ok')
})
