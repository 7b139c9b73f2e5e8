/**
 * What only control groups of version 2 can do: this file runs where they are (docs/virtual-machine.md says how to get such
 * a machine).
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { aPod, podsCluster, runs, STAY } from './pods.ts'

const ROOT = '/sys/fs/cgroup'
const MEBIBYTE = 2 ** 20
const PAGE = 4096

describe.skipIf(!existsSync(join(ROOT, 'cgroup.controllers')))('with control groups of version 2', () => {
  const cluster = podsCluster({
    kubelet: {
      featureGates: { MemoryQoS: true },
      memoryReservationPolicy: 'TieredReservation',
      memorySwap: { swapBehavior: 'LimitedSwap' },
      podPidsLimit: 60,
    },
  })
  const read = (folder: string, files: readonly string[]) =>
    Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8').trim()]))
  /** Where the Pod's own cgroup is. */
  const folderOf = async (pod: string) => {
    const uid = await cluster.field(`pod/${pod}`, '.metadata.uid')
    const { stdout } = await cluster.machine.run('find', [join(ROOT, 'gorae'), '-type', 'd', '-name', `pod${uid}`])
    return stdout.trim()
  }
  const numbers = (said: string) => said.trim().split('\n')
  const FILES = ['cpu.max', 'memory.max', 'memory.low', 'memory.min', 'memory.high', 'memory.oom.group']
  const print = [...FILES, 'memory.swap.max'].map((file) => `cat ${ROOT}/${file}`).join('; ')

  test('a Burstable Pod has weight, limits, memory kept as long as there is other, and swap by its request', async () => {
    const resources = { requests: { cpu: '100m', memory: '16Mi' }, limits: { cpu: '250m', memory: '32Mi' } }
    await cluster.create(aPod('burstable', { containers: [runs(`${print}; ${STAY}`, { resources })] }))
    await cluster.until('pod/burstable', '.status.phase', 'Running')
    const logs = () => cluster.kubectl('logs', 'burstable')
    await expect.poll(async () => numbers(await logs()).length, { timeout: 20_000 }).toBe(7)
    const swap = Number(await cluster.field('node/node-1', '.status.nodeInfo.swap.capacity'))
    const capacity = 1024 * Number.parseInt(await cluster.field('node/node-1', '.status.capacity.memory'), 10)
    const share = Math.floor((16 * MEBIBYTE * swap) / capacity / PAGE) * PAGE
    const high = Math.floor((30.4 * MEBIBYTE) / PAGE) * PAGE
    const limits = ['25000 100000', 32 * MEBIBYTE, 16 * MEBIBYTE, 0, high, 1, share].map(String)
    expect(numbers(await logs())).toEqual(limits)

    const folder = await folderOf('burstable')
    expect(folder).toContain('/kubepods/burstable/')
    expect(read(folder, ['cpu.weight', 'cpu.max', 'memory.max', 'memory.low', 'memory.min', 'pids.max'])).toEqual({
      'cpu.weight': '4',
      'cpu.max': '25000 100000',
      'memory.max': String(32 * MEBIBYTE),
      'memory.low': String(16 * MEBIBYTE),
      'memory.min': '0',
      'pids.max': '60',
    })
    expect(read(join(folder, '..'), ['memory.low'])).toEqual({ 'memory.low': String(16 * MEBIBYTE) })

    // A resize moves where throttling begins, and what is kept for the container and its Pod.
    const pod = JSON.parse(await cluster.kubectl('get', 'pod', 'burstable', '-o', 'json'))
    pod.spec.containers[0].resources.requests.memory = '24Mi'
    pod.spec.containers[0].resources.limits.memory = '48Mi'
    const path = '/api/v1/namespaces/default/pods/burstable/resize'
    await cluster.machine.kubectl(['replace', '--raw', path, '-f', '-'], { input: JSON.stringify(pod) })
    const now = async () => [
      ...numbers(await cluster.inside('burstable', `cd ${ROOT}; cat memory.max memory.high memory.low`)),
      ...Object.values(read(folder, ['memory.max', 'memory.low'])),
    ]
    const [most, begins, kept] = [48 * MEBIBYTE, Math.floor((45.6 * MEBIBYTE) / PAGE) * PAGE, 24 * MEBIBYTE]
    await expect.poll(now, { timeout: 20_000 }).toEqual([most, begins, kept, most, kept].map(String))
    await cluster.remove('pod/burstable')
  })

  test('a Guaranteed Pod keeps its memory whatever happens, is not throttled, and does not swap', async () => {
    const amounts = { cpu: '100m', memory: '32Mi' }
    const resources = { requests: amounts, limits: amounts }
    await cluster.create(aPod('guaranteed', { containers: [runs(`${print}; ${STAY}`, { resources })] }))
    await cluster.until('pod/guaranteed', '.status.phase', 'Running')
    const logs = () => cluster.kubectl('logs', 'guaranteed')
    const limits = ['10000 100000', 32 * MEBIBYTE, 0, 32 * MEBIBYTE, 'max', 1, 0].map(String)
    await expect.poll(async () => numbers(await logs()), { timeout: 20_000 }).toEqual(limits)
    const folder = await folderOf('guaranteed')
    const kept = { 'memory.min': String(32 * MEBIBYTE) }
    expect([read(folder, ['memory.min']), read(join(folder, '..'), ['memory.min'])]).toEqual([kept, kept])
    await cluster.remove('pod/guaranteed')
  })

  test('a container is killed as a whole when one of its processes finds no memory', async () => {
    const resources = { limits: { memory: '24Mi' } }
    await cluster.create(
      aPod('greedy', { containers: [runs('tail /dev/zero; echo survived; sleep 1000', { resources })] }),
    )
    await cluster.until('pod/greedy', '.status.phase', 'Failed')
    const ended = '.status.containerStatuses[0].state.terminated'
    expect([await cluster.field('pod/greedy', `${ended}.reason`), await cluster.kubectl('logs', 'greedy')]).toEqual([
      'OOMKilled',
      '',
    ])
  })

  test.skipIf(!existsSync('/proc/pressure/cpu'))('stalls are told where the kernel measures them', async () => {
    await cluster.create(aPod('stalled', { containers: [runs(STAY)] }))
    await cluster.until('pod/stalled', '.status.phase', 'Running')
    const summary = JSON.parse(await cluster.kubectl('get', '--raw', '/api/v1/nodes/node-1/proxy/stats/summary'))
    const stall = { full: expect.any(Object), some: expect.objectContaining({ total: expect.any(Number) }) }
    expect(summary.node).toMatchObject({ cpu: { psi: stall }, memory: { psi: stall }, io: { psi: stall } })
    const pod = summary.pods.find((one: { podRef: { name: string } }) => one.podRef.name === 'stalled')
    expect(pod.containers).toMatchObject([{ cpu: { psi: stall }, memory: { psi: stall } }])
  })
})
