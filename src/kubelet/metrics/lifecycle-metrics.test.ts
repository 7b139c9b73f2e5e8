import { describe, expect, test } from 'vitest'

import { metricsText } from '../../base/metrics/text.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { KubeletMetrics } from './kubelet-metrics.ts'
import { LifecycleMetrics } from './lifecycle-metrics.ts'

const linesOf = (metrics: LifecycleMetrics, name: string) =>
  metricsText(metrics.families)
    .split('\n')
    .filter((line) => line.startsWith(name))

test('ended containers are counted by kind, exit code and reason', () => {
  const metrics = new LifecycleMetrics()
  const pod = aPod({ initContainers: [aContainer('init')] })
  metrics.containerEnded(pod, { name: 'init', exitCode: 0, reason: 'Completed' })
  metrics.containerEnded(pod, { name: 'app', exitCode: 137, reason: 'OOMKilled' })
  metrics.containerEnded(pod, { name: 'unknown', exitCode: 1, reason: 'Error' })
  metrics.containerEnded(undefined, { name: 'app', exitCode: 1, reason: 'Error' })
  expect(linesOf(metrics, 'kubelet_terminated_containers_total')).toEqual([
    'kubelet_terminated_containers_total{container_type="init_container",exit_code="0",reason="Completed"} 1',
    'kubelet_terminated_containers_total{container_type="container",exit_code="137",reason="OOMKilled"} 1',
  ])
})

describe('an image that is asked for is counted', () => {
  const cases = [
    { policy: 'IfNotPresent', isPresent: true, local: 'true', required: 'false' },
    { policy: 'IfNotPresent', isPresent: false, local: 'false', required: 'true' },
    { policy: 'Never', isPresent: true, local: 'true', required: 'false' },
    { policy: 'Never', isPresent: false, local: 'false', required: 'unknown' },
    { policy: 'Always', isPresent: true, local: 'unknown', required: 'true' },
  ]
  for (const { policy, isPresent, local, required } of cases) {
    test(`with ${policy}, ${isPresent ? 'present' : 'absent'}`, () => {
      const metrics = new LifecycleMetrics()
      metrics.imageAsked(policy, isPresent)
      const labels = `present_locally="${local}",pull_policy="${policy.toLowerCase()}",pull_required="${required}"`
      expect(linesOf(metrics, 'kubelet_image_manager')).toEqual([
        `kubelet_image_manager_ensure_image_requests_total{${labels}} 1`,
      ])
    })
  }
})

test('Pods with user namespaces are counted apart, and those that failed to start', () => {
  const metrics = new LifecycleMetrics()
  metrics.podStarted(aPod({ hostUsers: false }), false)
  metrics.podStarted(aPod({ hostUsers: false }), true)
  metrics.podStarted(aPod(), true)
  metrics.startFailed(aPod({ hostUsers: false }))
  metrics.startFailed(aPod())
  expect(linesOf(metrics, 'kubelet_started')).toEqual([
    'kubelet_started_pods_errors_total 2',
    'kubelet_started_user_namespaced_pods_total 2',
    'kubelet_started_user_namespaced_pods_errors_total 2',
  ])
})

test('a shutdown that began and has not ended has no end', () => {
  const metrics = new LifecycleMetrics()
  metrics.shutdownBegan(1_000)
  metrics.shutdownEnded(3_000)
  metrics.shutdownBegan(5_000)
  expect(linesOf(metrics, 'kubelet_graceful')).toEqual([
    'kubelet_graceful_shutdown_start_time_seconds 5',
    'kubelet_graceful_shutdown_end_time_seconds 0',
  ])
})

test('how long probes took is forgotten with their Pod', () => {
  const metrics = new KubeletMetrics()
  const of = { container: 'app', namespace: 'default', pod: 'web', uid: 'u1' }
  metrics.probed(of, { kind: 'liveness', outcome: 'success', seconds: 0.02 })
  const text = () => metricsText(metrics.probes)
  const labels = 'container="app",namespace="default",pod="web",probe_type="Liveness"'
  expect(text()).toContain(`prober_probe_duration_seconds_count{${labels}} 1`)
  metrics.forgetPod({ uid: 'u1', namespace: 'default', name: 'web' })
  expect(text()).not.toContain('web')
})
