import { describe, expect, test } from 'vitest'
import type { DaemonSet } from '../../api/generated/apps-v1.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { type DaemonView, planDaemons } from './plan.ts'

const NOW = Date.UTC(2026, 0, 1)
const OLD = 'old'
const NEW = 'new'

const node = (name: string, isTainted = false): Node => ({
  metadata: { name },
  spec: { taints: isTainted ? [{ key: 'k', effect: 'NoSchedule' }] : [] },
})

interface Made {
  readonly at?: string
  readonly hash?: string
  readonly isReady?: boolean
  readonly isDeleting?: boolean
  readonly generation?: string
}

const daemon = (name: string, { at, hash = OLD, isReady = true, isDeleting = false, generation }: Made): Pod => ({
  metadata: {
    name,
    namespace: 'default',
    labels: {
      'controller-revision-hash': hash,
      ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
    },
    ...(isDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: { containers: [], ...(at === undefined ? {} : { nodeName: at }) },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
})

const ROLLING = { maxSurge: 0, maxUnavailable: 1 }
const SURGING = { maxSurge: 1, maxUnavailable: 0 }

function plan(nodes: readonly Node[], pods: readonly Pod[], rollingUpdate = ROLLING) {
  const set: DaemonSet = {
    metadata: { name: 'agent', namespace: 'default', annotations: { 'deprecated.daemonset.template.generation': '2' } },
    spec: {
      selector: { matchLabels: {} },
      template: { metadata: {}, spec: { containers: [] } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
    },
  }
  const view: DaemonView = { set, nodes, pods, hash: NEW, now: NOW }
  const { start, stop } = planDaemons(view)
  return { start, stop: stop.map(({ metadata }) => metadata.name) }
}

describe('a rolling update of daemons', () => {
  test('replaces the old daemon of a node where a new one may not start', () => {
    expect(plan([node('a', true)], [daemon('one', { at: 'a' })])).toEqual({ start: [], stop: ['one'] })
  })

  test('takes daemons with the number of the present template for new', () => {
    expect(plan([node('a')], [daemon('one', { at: 'a', generation: '2' })]).stop).toEqual([])
    expect(plan([node('a')], [daemon('one', { at: 'a', generation: '1' })]).stop).toEqual(['one'])
  })

  test('waits while a node has no daemon that serves', () => {
    const pods = [daemon('one', { at: 'a', hash: NEW, isReady: false }), daemon('two', { at: 'b' })]
    expect(plan([node('a'), node('b')], pods).stop).toEqual([])
  })

  test('leaves a Pod alone that is meant for no node', () => {
    expect(plan([], [daemon('one', {})]).stop).toEqual([])
  })
})

describe('a surging update of daemons', () => {
  test('starts a daemon beside the old one', () => {
    expect(plan([node('a')], [daemon('one', { at: 'a' })], SURGING)).toEqual({ start: ['a'], stop: [] })
  })

  test('stops an old daemon that is not ready as soon as there is a new one', () => {
    const pods = [daemon('one', { at: 'a', isReady: false }), daemon('two', { at: 'a', hash: NEW, isReady: false })]
    expect(plan([node('a')], pods, SURGING).stop).toEqual(['one'])
  })

  test('does not wait for a daemon that is being deleted', () => {
    const pods = [daemon('one', { at: 'a', hash: NEW, isDeleting: true })]
    expect(plan([node('a')], pods, SURGING).start).toEqual(['a'])
    expect(plan([node('a')], pods).start).toEqual([])
  })

  test('gives up a daemon where none belongs only when another serves in its place', () => {
    const stray = daemon('one', { at: 'a' })
    const elsewhere = (isReady: boolean) => daemon('two', { at: 'b', hash: NEW, isReady })
    const nodes = [node('a', true), node('b')]
    expect(plan(nodes, [stray, elsewhere(false)], SURGING).stop).toEqual([])
    expect(plan(nodes, [stray, elsewhere(true)], SURGING).stop).toEqual(['one'])
  })
})
