import { describe, expect, test } from 'vitest'

import type { Container } from '../../../api/generated/core-v1.ts'
import { type LinuxContainerResources, RuntimeError, type SandboxResources } from '../../cri/runtime.ts'
import { containerResources, podCgroupOf } from '../../resources/linux-resources.ts'
import type { MemoryRules } from '../../resources/memory-rules.ts'
import { Actuation } from './actuation.ts'
import { aContainer, aPod, aSandbox, seen } from '../fixtures.ts'
import type { PodView } from '../pod-view.ts'

const FACTS = { qos: 'Guaranteed', memoryCapacity: 2 ** 32, cgroupVersion: 1, hugepageSizes: [] } as const
const MIB = 2 ** 20

const amounts = ({ cpuQuota, memoryLimitInBytes }: LinuxContainerResources) =>
  [
    ...(cpuQuota === undefined ? [] : [`${cpuQuota / 100}m`]),
    ...(memoryLimitInBytes === undefined ? [] : [`${memoryLimitInBytes / MIB}Mi`]),
  ].join(' ')

const container = (name: string, cpu: string, memory: string, more: Partial<Container> = {}) =>
  aContainer(name, { resources: { requests: { cpu, memory }, limits: { cpu, memory } }, ...more })

/** A runtime and cgroups that write down what they are told. */
function world(
  before: PodView,
  answer: (resources: SandboxResources) => Promise<void> = async () => {},
  memory?: MemoryRules,
) {
  const journal: string[] = []
  let now = podCgroupOf(before).resources
  const actuation = new Actuation({
    runtime: {
      async updatePodSandboxResources(_id, told) {
        journal.push(`told ${amounts(told.resources)}`)
        await answer(told)
      },
      async updateContainerResources(id, resources) {
        journal.push(`${id} ${amounts(resources)}`)
      },
      listContainerStats: async () => [],
    },
    host: {
      cgroups: {
        version: 1,
        limits: async () => now,
        usage: async () => undefined,
        async ensure({ resources }) {
          now = { ...now, ...resources }
          journal.push(`pod ${amounts(resources)}`)
        },
        async setFiles(_pod, files, id = 'pod') {
          for (const [file, value] of Object.entries(files)) journal.push(`${id} ${file} ${value}`)
        },
      },
    },
    node: { memoryCapacity: FACTS.memoryCapacity, hugepageSizes: [], memory },
  })
  // Containers wait for the init containers.
  const containers = (before.spec?.initContainers ?? before.spec?.containers ?? []).map((spec) => ({
    ...seen(spec.name, 'running'),
    resources: containerResources(before, spec, FACTS),
  }))
  const observed = { sandboxes: [aSandbox()], containers }
  actuation.seen(before, observed)
  const resize = async (after: PodView) => {
    const { fault } = await actuation.step(after, observed, { isResizing: true }, new AbortController().signal)
    return fault
  }
  return { journal, resize }
}

const podOf = (...containers: readonly Container[]) => aPod({ containers: [...containers] })

describe('A Pod that is resized', () => {
  test('grows before its containers do, and the runtime hears of it first', async () => {
    const { journal, resize } = world(podOf(container('a', '100m', '32Mi')))
    expect(await resize(podOf(container('a', '200m', '48Mi')))).toBeUndefined()
    expect(journal).toEqual([
      'told 100m 48Mi',
      'pod 48Mi',
      'a-0 100m 48Mi',
      'told 200m 48Mi',
      'pod 200m',
      'a-0 200m 48Mi',
    ])
  })

  test('shrinks after its containers did', async () => {
    const { journal, resize } = world(podOf(container('a', '200m', '32Mi')))
    await resize(podOf(container('a', '100m', '32Mi')))
    expect(journal).toEqual(['a-0 100m 32Mi', 'told 100m 32Mi', 'pod 100m'])
  })

  test('to more of one and less of the other never holds more than it may have', async () => {
    const { journal, resize } = world(podOf(container('a', '200m', '32Mi')))
    await resize(podOf(container('a', '100m', '48Mi')))
    expect(journal).toEqual([
      'told 200m 48Mi',
      'pod 48Mi',
      'a-0 200m 48Mi',
      'a-0 100m 48Mi',
      'told 100m 48Mi',
      'pod 100m',
    ])
  })

  test('gives more to an init container that runs', async () => {
    const withInit = (cpu: string) =>
      aPod({ initContainers: [container('i', cpu, '32Mi')], containers: [container('a', '100m', '32Mi')] })
    const { journal, resize } = world(withInit('200m'))
    await resize(withInit('300m'))
    expect(journal).toEqual(['told 300m 32Mi', 'pod 300m', 'i-0 300m 32Mi'])
  })

  test('takes from one container before it gives to another', async () => {
    const { journal, resize } = world(podOf(container('a', '100m', '32Mi'), container('b', '200m', '32Mi')))
    await resize(podOf(container('a', '200m', '32Mi'), container('b', '100m', '32Mi')))
    expect(journal).toEqual(['b-0 100m 32Mi', 'a-0 200m 32Mi'])
  })

  test('does not shrink while a container that is to shrink has yet to restart', async () => {
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const { journal, resize } = world(podOf(container('a', '200m', '32Mi', { resizePolicy })))
    await resize(podOf(container('a', '100m', '32Mi', { resizePolicy })))
    expect(journal).toEqual([])
  })

  test.each([
    ['does not know the call', new RuntimeError('Unimplemented', 'unknown method UpdatePodSandboxResources')],
    ['has it not yet', new RuntimeError('Unknown', 'not implemented yet')],
  ])('is resized all the same when its runtime %s', async (_what, error) => {
    const { journal, resize } = world(podOf(container('a', '100m', '32Mi')), () => Promise.reject(error))
    expect(await resize(podOf(container('a', '200m', '32Mi')))).toBeUndefined()
    expect(journal).toContain('pod 200m')
  })

  test('stays as it is when its runtime refuses, and says why', async () => {
    const refuse = () => Promise.reject(new RuntimeError('Unknown', 'no such room'))
    const { journal, resize } = world(podOf(container('a', '100m', '32Mi')), refuse)
    expect(await resize(podOf(container('a', '200m', '32Mi')))).toBe(
      'failed to notify runtime for UpdatePodSandboxResources (resource=cpu); resize rejected: updatePodSandboxResources failed for sanboxID "sandbox-0": rpc error: code = Unknown desc = no such room',
    )
    expect(journal).toEqual(['told 200m 32Mi'])
  })

  test.each([
    ['begins to be throttled elsewhere', '48Mi', String(40 * MIB)],
    ['of which all is asked for is not throttled any more', '32Mi', 'max'],
  ])('with memory that is kept and throttled %s, whatever its runtime does', async (_what, limit, high) => {
    const rules: MemoryRules = {
      killsTogether: false,
      capacityBytes: FACTS.memoryCapacity,
      qos: { throttlingFactor: 0.5, isReserved: true, allocatableBytes: FACTS.memoryCapacity, pageBytes: 4096 },
    }
    const asking = (request: string, memory: string) =>
      podOf(aContainer('a', { resources: { requests: { memory: request }, limits: { memory } } }))
    const { journal, resize } = world(asking('16Mi', '32Mi'), undefined, rules)
    await resize(asking('32Mi', limit))
    const kept = String(32 * MIB)
    expect(journal.slice(-3)).toEqual([`a-0 memory.high ${high}`, `a-0 memory.low ${kept}`, `pod memory.low ${kept}`])
  })

  test('tells its runtime what the sandbox takes beside the containers', async () => {
    const withOverhead = (cpu: string) =>
      aPod({ containers: [container('a', cpu, '32Mi')], overhead: { cpu: '10m', memory: '1Mi' } })
    const told: SandboxResources[] = []
    const { journal, resize } = world(withOverhead('100m'), async (resources) => void told.push(resources))
    await resize(withOverhead('200m'))
    expect(journal).toEqual(['told 200m 32Mi', 'pod 210m', 'a-0 200m 32Mi'])
    expect(told[0]?.overhead).toMatchObject({ cpuQuota: 1000, memoryLimitInBytes: MIB })
  })
})
