import { writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Machine, openMachine } from './machine.ts'

const MEBIBYTE = 2 ** 20
/** What all Pods of the node may have together, whatever machine this is. */
const PODS_MEMORY = 300 * MEBIBYTE

const KUBELET = `
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
evictionHard: { memory.available: 100Mi }
evictionPressureTransitionPeriod: 5s
podPidsLimit: 50
shutdownGracePeriod: 40s
shutdownGracePeriodCriticalPods: 20s
systemReserved: { memory: "${totalmem() - PODS_MEMORY}" }
`

/** A Pod that runs a shell, with a folder of its own at /cache. */
const pod = (name: string, command: string, emptyDir: string, more = '') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 1
  ${more}
  containers:
    - name: app
      image: busybox
      imagePullPolicy: IfNotPresent
      command: [sh, -c, '${command}']
      volumeMounts: [{ name: cache, mountPath: /cache }]
  volumes: [{ name: cache, emptyDir: ${emptyDir} }]
`

let machine: Machine

beforeAll(async () => {
  machine = await openMachine()
  const file = join(machine.folder, 'kubelet.yaml')
  writeFileSync(file, KUBELET)
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
  await machine.gorae(['up', '--kubelet-config', file])
}, 120_000)
afterAll(() => machine.close(), 60_000)

const read = async (kind: string, name: string, path: string) =>
  (await machine.kubectl(['get', kind, name, '-o', `jsonpath={${path}}`])).stdout
const phaseOf = (name: string) => () => read('pod', name, '.status.phase')
const apply = (input: string) => machine.kubectl(['apply', '-f', '-'], { input })

test('a Pod that fills its emptyDir beyond the limit is evicted, and says why', async () => {
  const fill = 'dd if=/dev/zero of=/cache/file bs=1M count=4; exec sleep 1000'
  await apply(pod('hoarder', fill, '{ sizeLimit: 1Mi }'))
  await expect.poll(phaseOf('hoarder'), { timeout: 40_000 }).toBe('Failed')
  expect(await read('pod', 'hoarder', '.status.reason')).toBe('Evicted')
  expect(await read('pod', 'hoarder', '.status.message')).toBe(
    'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ',
  )
  expect(await read('pod', 'hoarder', '.status.conditions[?(@.type=="DisruptionTarget")].reason')).toBe(
    'TerminationByKubelet',
  )
})

test('the kubelet does as it is told: reservations, processes, and what /configz and the machine show', async () => {
  await apply(pod('plain', 'exec sleep 1000', '{}'))
  await expect.poll(phaseOf('plain'), { timeout: 20_000 }).toBe('Running')
  const kubelet = '/api/v1/nodes/node-1/proxy'
  const { stdout } = await machine.kubectl(['get', '--raw', `${kubelet}/configz`])
  expect(JSON.parse(stdout).kubeletconfig).toMatchObject({ podPidsLimit: 50, shutdownGracePeriod: '40s' })
  const summary = JSON.parse((await machine.kubectl(['get', '--raw', `${kubelet}/stats/summary`])).stdout)
  expect(summary.node.fs.capacityBytes).toBeGreaterThan(0)
  expect(summary.pods.find((one: { podRef: { name: string } }) => one.podRef.name === 'plain')).toMatchObject({
    containers: [{ name: 'app', memory: { workingSetBytes: expect.any(Number) } }],
    process_stats: { process_count: expect.any(Number) },
  })
  const fork = 'for i in $(seq 80); do sleep 5 & done; wait'
  const bomb = await machine.kubectl(['exec', 'plain', '--', 'sh', '-c', fork], { mayFail: true })
  expect(bomb.stderr).toContain("can't fork")
})

test('a node short of memory evicts the Pod that uses most beyond its request, and no other', async () => {
  const hog = 'dd if=/dev/zero of=/cache/file bs=1M count=230; exec sleep 1000'
  await apply(pod('hog', hog, '{ medium: Memory }'))
  await expect.poll(phaseOf('hog'), { timeout: 60_000 }).toBe('Failed')
  expect(await read('pod', 'hog', '.status.reason')).toBe('Evicted')
  expect(await read('pod', 'hog', '.status.message')).toMatch(
    /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+Ki\. Container app was using \d+Ki, request is 0, has larger consumption of memory\. $/,
  )
  const event = ['get', 'events', '--field-selector=involvedObject.name=hog,reason=Evicted']
  const facts = async () =>
    (await machine.kubectl([...event, '-o', 'jsonpath={.items[0].metadata.annotations}'])).stdout
  await expect.poll(facts, { timeout: 10_000 }).toContain('"offending_containers":"app"')
  expect(JSON.parse(await facts())).toMatchObject({ starved_resource: 'memory' })
  await expect
    .poll(() => read('node', 'node-1', '.status.conditions[?(@.type=="MemoryPressure")].status'), { timeout: 30_000 })
    .toBe('False')
  expect(await phaseOf('plain')()).toBe('Running')
})

test('a cluster that stops ends its Pods in the order of their priorities, and says so', async () => {
  const trap = 'trap "sleep 1; exit 0" TERM; while :; do sleep 0.1; done'
  await apply(pod('critical', trap, '{}', 'priorityClassName: system-cluster-critical'))
  await expect.poll(phaseOf('critical'), { timeout: 20_000 }).toBe('Running')
  await machine.gorae(['stop'])
  await machine.gorae(['up'])
  const ended = async (name: string) =>
    Date.parse(await read('pod', name, '.status.containerStatuses[0].state.terminated.finishedAt'))
  expect(await read('pod', 'plain', '.status.reason')).toBe('Terminated')
  expect(await read('pod', 'plain', '.status.message')).toBe(
    'Pod was terminated in response to imminent node shutdown.',
  )
  expect(await read('pod', 'critical', '.status.phase')).toBe('Failed')
  expect(await ended('plain')).toBeLessThan(await ended('critical'))
})
