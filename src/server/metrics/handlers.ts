/**
 * metrics.k8s.io/v1beta1, built in: what nodes and Pods use, answered from the kubelets and stored nowhere
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/#metrics-api).
 */

import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { ContainerMetrics, NodeMetrics, PodMetrics } from '../../api/generated/metrics-v1beta1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { ListOptions } from '../../client/transport.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { notFound } from '../../meta/errors.ts'
import type { ObjectMeta } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { StoredObject } from '../registry/stored-object.ts'
import type { SubresourceHandler } from '../subresources/handler.ts'
import { objectAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { selectionOf } from '../verbs/select.ts'
import { selects } from '../watchcache/selection.ts'
import { type NodeUsage, NodeUsages, type StatsSource } from './node-usage.ts'
import { usageBetween } from './rates.ts'

const GROUP = 'metrics.k8s.io'
const API_VERSION = `${GROUP}/v1beta1`
/** What a figure of the moment is said to be of. */
const MOMENT_MS = 10_000

export interface MetricsDeps {
  readonly stats: StatsSource
  readonly clock: Clock
}

/** By resource key. */
export function metricsHandlers({ stats, clock }: MetricsDeps): readonly (readonly [string, SubresourceHandler])[] {
  const usages = new NodeUsages(stats, clock)
  const handler =
    (kind: string, read: (seen: Seen) => Promise<readonly StoredObject[]>): SubresourceHandler =>
    async (core, context, request) => {
      if (request.verb === 'list') {
        const items = await read({ core, context, options: request.list, usages, clock })
        return { form: 'list', list: { resource: context.resource, metadata: {}, items } }
      }
      if (request.verb !== 'get') throw methodNotAllowed()
      const [found] = await read({ core, context, options: {}, usages, clock })
      if (found !== undefined) return objectAnswer(found)
      const { namespace, name } = context
      const shown = namespace === '' ? name : `${namespace}/${name}`
      throw notFound({ group: GROUP, resource: `${kind.toLowerCase()}`, name: shown })
    }
  return [
    [`${API_VERSION}/nodes`, handler('NodeMetrics', nodeMetrics)],
    [`${API_VERSION}/pods`, handler('PodMetrics', podMetrics)],
  ]
}

interface Seen {
  readonly core: ApiCore
  readonly context: RequestContext
  readonly options: ListOptions
  readonly usages: NodeUsages
  readonly clock: Clock
}

/** The objects of `key` that the request is about. */
function selected({ core, context, options }: Seen, key: string): readonly StoredObject[] {
  const { namespace, name, resource } = context
  const selection = selectionOf(resource, { ...options, namespace, name })
  const all = core.caches.of(core.resources.need(key)).all(namespace === '' ? undefined : namespace)
  return [...all].filter((object) => selects(selection, object))
}

async function nodeMetrics(seen: Seen): Promise<readonly StoredObject[]> {
  const nodes = selected(seen, 'v1/nodes').map(({ object }) => object as DeepReadonly<Node>)
  const names = nodes.map(({ metadata }) => metadata.name ?? '')
  const usages = await usagesOf(seen, names)
  return nodes.flatMap(({ metadata }) => {
    const usage = usages.get(metadata.name ?? '')
    if (usage === undefined) return []
    const { now, before } = usage
    const used = usageBetween(now.summary.node, before?.summary.node, elapsed(usage))
    if (used === undefined) return []
    const told: NodeMetrics = {
      kind: 'NodeMetrics',
      apiVersion: API_VERSION,
      ...head(seen, metadata, usage),
      usage: used,
    }
    return [new StoredObject(told, 0)]
  })
}

async function podMetrics(seen: Seen): Promise<readonly StoredObject[]> {
  const pods = selected(seen, 'v1/pods').map(({ object }) => object as DeepReadonly<Pod>)
  const running = pods.filter(({ status, spec }) => status?.phase === 'Running' && (spec?.nodeName ?? '') !== '')
  const usages = await usagesOf(
    seen,
    running.map(({ spec }) => spec?.nodeName ?? ''),
  )
  return running.flatMap(({ metadata, spec }) => {
    const usage = usages.get(spec?.nodeName ?? '')
    const containers = usage === undefined ? undefined : containersOf(metadata, usage)
    if (usage === undefined || containers === undefined) return []
    const told: PodMetrics = { kind: 'PodMetrics', apiVersion: API_VERSION, ...head(seen, metadata, usage), containers }
    return [new StoredObject(told, 0)]
  })
}

/** A Pod of which one container is not known yet is not told of at all: half a sum would mislead autoscalers. */
function containersOf(metadata: DeepReadonly<ObjectMeta>, usage: NodeUsage): ContainerMetrics[] | undefined {
  const { now, before } = usage
  const key = `${metadata.namespace}/${metadata.name}`
  const pod = now.summary.pods.get(key)
  if (pod === undefined || pod.uid !== metadata.uid || pod.containers.size === 0) return undefined
  const earlier = before?.summary.pods.get(key)
  const told: ContainerMetrics[] = []
  for (const [name, used] of pod.containers) {
    const list = usageBetween(used, earlier?.uid === pod.uid ? earlier.containers.get(name) : undefined, elapsed(usage))
    if (list === undefined) return undefined
    told.push({ name, usage: list })
  }
  return told
}

const elapsed = ({ now, before }: NodeUsage) => (before === undefined ? 0 : now.atMs - before.atMs)

function head({ clock }: Seen, { name, namespace, labels }: DeepReadonly<ObjectMeta>, usage: NodeUsage) {
  const nowMs = clock.now()
  const told = {
    name: name ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    creationTimestamp: toTime(nowMs),
  }
  const window = usage.before === undefined ? MOMENT_MS : elapsed(usage)
  const atMs = nowMs - (clock.monotonic() - usage.now.atMs)
  return { metadata: told, timestamp: toTime(atMs), window: `${(window / 1_000).toFixed(3).replace(/\.?0+$/, '')}s` }
}

/** All nodes at once; those that do not answer are left out. */
async function usagesOf({ core, usages }: Seen, names: readonly string[]): Promise<ReadonlyMap<string, NodeUsage>> {
  const known = core.caches.of(core.resources.need('v1/nodes'))
  usages.keepOnly(new Set([...known.all()].map(({ name }) => name)))
  const wanted = [...new Set(names)].filter((name) => known.get('', name) !== undefined)
  const asked = await Promise.allSettled(wanted.map(async (name) => [name, await usages.of(name)] as const))
  return new Map(asked.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])))
}
