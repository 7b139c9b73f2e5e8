import { describe, expect, test } from 'vitest'

import { DEFAULT_KUBELET_CONFIG, shutdownSteps } from './kubelet-config.ts'
import { readKubeletConfig } from './read-config.ts'
import { shownConfig } from './show-config.ts'

const file = (text: string) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${text}`

describe('readKubeletConfig()', () => {
  test('takes defaults for what is not stated', () => {
    expect(readKubeletConfig(file(''))).toEqual(DEFAULT_KUBELET_CONFIG)
  })

  test('reads numbers, durations, maps and lists', () => {
    const config = readKubeletConfig(
      file(`
maxPods: 20
evictionHard: { memory.available: 200Mi, nodefs.available: "5%" }
evictionPressureTransitionPeriod: 30s
shutdownGracePeriodByPodPriority: [{ priority: 100, shutdownGracePeriodSeconds: 5 }]
crashLoopBackOff: { maxContainerRestartPeriod: 20s }
registerWithTaints: [{ key: new, effect: NoSchedule }]
systemReserved: { cpu: 500m, memory: 1Gi }`),
    )
    expect(config).toMatchObject({
      maxPods: 20,
      evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '5%' },
      evictionPressureTransitionPeriod: 30_000,
      shutdownGracePeriodByPodPriority: [{ priority: 100, shutdownGracePeriodSeconds: 5 }],
      crashLoopBackOff: { maxContainerRestartPeriod: 20_000 },
      registerWithTaints: [{ key: 'new', effect: 'NoSchedule' }],
      systemReserved: { cpu: '500m', memory: '1Gi' },
    })
  })

  test('forgets the other hard thresholds, unless they are to be merged', () => {
    const stated = 'evictionHard: { memory.available: 1Gi }'
    expect(readKubeletConfig(file(stated)).evictionHard).toEqual({ 'memory.available': '1Gi' })
    const merged = readKubeletConfig(file(`${stated}\nmergeDefaultEvictionSettings: true`)).evictionHard
    expect(merged).toMatchObject({ 'memory.available': '1Gi', 'nodefs.available': '10%' })
  })

  test.each([
    ['a wrong kind', 'kind: Pod', 'kind: has to be "KubeletConfiguration"'],
    ['a misspelt field', file('maxPod: 3'), 'maxPod: unknown field'],
    ['a field that nothing is done for', file('oomScoreAdj: 3'), 'oomScoreAdj: is not supported'],
    [
      'a policy that is not there',
      file('topologyManagerPolicy: restricted'),
      'topologyManagerPolicy: only "none" is supported',
    ],
    ['a value of the wrong kind', file('maxPods: many'), 'maxPods: "many" is no whole number from 1'],
    ['a wrong duration', file('imageMinimumGCAge: 2'), 'imageMinimumGCAge: 2 is no text'],
    ['an unknown signal', file('evictionHard: { disk.available: 1Gi }'), 'evictionHard: unknown key "disk.available"'],
    ['a threshold without grace', file('evictionSoft: { memory.available: 1Gi }'), 'evictionSoftGracePeriod'],
    [
      'marks in the wrong order',
      file('imageGCHighThresholdPercent: 50'),
      'must be less than imageGCHighThresholdPercent',
    ],
    ['a field told twice', file('maxPods: 3\nmaxPods: 4'), 'duplicate field "maxPods"'],
    ['a repeated prototype', file('__proto__: { maxPods: 3 }'), '__proto__'],
    [
      'too long a critical period',
      file('shutdownGracePeriod: 5s\nshutdownGracePeriodCriticalPods: 6s'),
      'must not be longer',
    ],
  ])('refuses %s', (_, text, fault) => {
    expect(() => readKubeletConfig(text)).toThrow(fault)
  })

  test('tells all faults at once', () => {
    expect(() => readKubeletConfig(file('maxPod: 3\nruntime: x'))).toThrow(
      'maxPod: unknown field\nruntime: unknown field',
    )
  })

  test('shows what may swap, though nothing was said of it', () => {
    expect(shownConfig(DEFAULT_KUBELET_CONFIG)).toMatchObject({ memorySwap: {}, memoryThrottlingFactor: 0.9 })
  })

  test.each([
    ['a policy without its gate', 'memoryReservationPolicy: TieredReservation', 'requires MemoryQoS feature gate'],
    ['a gate that is not there', 'featureGates: { CPUManager: true }', 'unknown key "CPUManager"'],
    ['a swap behaviour that is not there', 'memorySwap: { swapBehavior: Unlimited }', 'must be one of "", "NoSwap"'],
    ['an address that is none', 'staticPodURL: /etc/pods', 'staticPodURL: "/etc/pods" is no URL of http or https'],
    ['a gate that is locked', 'featureGates: { NodeLogQuery: false }', 'feature is locked to true'],
    ['to search logs that are not shown', 'enableSystemLogHandler: false\nenableSystemLogQuery: true', 'is required'],
    ['a factor beyond 1', 'memoryThrottlingFactor: 1.1', 'must be greater than 0 and less than or equal to 1'],
  ])('refuses %s', (_, text, fault) => {
    expect(() => readKubeletConfig(file(text))).toThrow(fault)
  })

  test('what it shows, it reads', () => {
    const config = readKubeletConfig(
      file(`
maxPods: 7
shutdownGracePeriod: 1m30s
imageMaximumGCAge: 24h
staticPodURL: https://10.0.0.1/pods
staticPodURLHeader: { Authorization: [Bearer x], X-A: [one, two] }
httpCheckFrequency: 5s
enableSystemLogQuery: true
featureGates: { NodeLogQuery: true }`),
    )
    expect(readKubeletConfig(JSON.stringify(shownConfig(config)))).toEqual(config)
  })

  test('shows what holds whatever is stated, and nothing that is empty', () => {
    const shown = shownConfig(DEFAULT_KUBELET_CONFIG)
    expect(shown).toMatchObject({ cpuManagerPolicy: 'none', seccompDefault: false, healthzPort: 10_248 })
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['systemReserved']))
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['registerWithTaints']))
  })

  test('gives critical Pods their part of the time to shut down', () => {
    const config = readKubeletConfig(file('shutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s'))
    expect(shutdownSteps(config)).toEqual([
      { priority: 0, shutdownGracePeriodSeconds: 20 },
      { priority: 2_000_000_000, shutdownGracePeriodSeconds: 10 },
    ])
  })
})
