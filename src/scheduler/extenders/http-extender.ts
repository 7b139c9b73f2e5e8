/** An extender behind HTTP, as the configuration names it (https://pkg.go.dev/k8s.io/kube-scheduler/extender/v1). */

import type { Clock } from '../../base/clock.ts'
import type { ExtenderConfig } from '../config/types.ts'
import type { Candidate } from '../preemption/victims.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { asksForOneOf, type Extender, type FilterAnswer } from './extender.ts'
import { entriesOf, itemsOf, memberOf, numberOf, textOf } from './answer.ts'
import { type Post, postTo } from './post.ts'

/** An extender's scores end at 10, ours at 100. */
const SCALE = 10

/** The extender, and how to let go of it. */
export function httpExtender(config: ExtenderConfig, clock: Clock): Extender & { close(): Promise<void> } {
  const link = postTo(config, clock)
  const { post } = link
  const managed = new Set(config.managedResources.map(({ name }) => name))
  const { filterVerb, prioritizeVerb, preemptVerb, bindVerb } = config
  return {
    name: config.urlPrefix,
    isIgnorable: config.ignorable,
    isInterested: (pod) => asksForOneOf(managed, pod),
    close: () => link.close(),
    ...(filterVerb === '' ? {} : { filter: (pod, nodes, signal) => filter({ config, post }, pod, nodes, signal) }),
    ...(prioritizeVerb === ''
      ? {}
      : {
          async prioritize(pod, nodes, signal) {
            const answer = await post(prioritizeVerb, nodesArgs(config, pod, nodes), signal)
            const scores = new Map<string, number>()
            for (const item of itemsOf(answer)) {
              const host = textOf(memberOf(item, 'Host'))
              const score = numberOf(memberOf(item, 'Score')) * config.weight * SCALE
              scores.set(host, (scores.get(host) ?? 0) + score)
            }
            return scores
          },
        }),
    ...(preemptVerb === ''
      ? {}
      : {
          preempt: (pod, candidates, snapshot, signal) =>
            preempt({ config, post }, { pod, candidates, snapshot }, signal),
        }),
    ...(bindVerb === ''
      ? {}
      : {
          async bind({ pod }, nodeName, signal) {
            const { name, namespace, uid } = pod.metadata
            const args = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName }
            const error = textOf(memberOf(await post(bindVerb, args, signal), 'Error'))
            if (error !== '') throw new Error(error)
          },
        }),
  }
}

interface Caller {
  readonly config: ExtenderConfig
  readonly post: Post
}

/** With a cache of its own an extender is told names; else it is told all of the nodes. */
function nodesArgs({ nodeCacheCapable }: ExtenderConfig, { pod }: PodInfo, nodes: readonly NodeInfo[]) {
  return nodeCacheCapable
    ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) }
    : { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null }
}

async function filter(
  { config, post }: Caller,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  signal: AbortSignal,
): Promise<FilterAnswer> {
  const answer = await post(config.filterVerb, nodesArgs(config, pod, nodes), signal)
  const error = textOf(memberOf(answer, 'Error'))
  if (error !== '') throw new Error(error)
  const given = new Map(nodes.map((node) => [node.name, node]))
  const names = memberOf(answer, 'NodeNames')
  const items = itemsOf(memberOf(memberOf(answer, 'Nodes'), 'items'))
  const left =
    config.nodeCacheCapable && Array.isArray(names)
      ? names.map(textOf)
      : items.map((item) => textOf(memberOf(memberOf(item, 'metadata'), 'name')))
  return {
    nodes: left.map((name) => {
      const node = given.get(name)
      if (node !== undefined) return node
      throw new Error(
        `extender "${config.urlPrefix}" claims a filtered node "${name}" which is not found in the input node list`,
      )
    }),
    failed: entriesOf(memberOf(answer, 'FailedNodes'), textOf),
    failedForGood: entriesOf(memberOf(answer, 'FailedAndUnresolvableNodes'), textOf),
  }
}

interface Preemption {
  readonly pod: PodInfo
  readonly candidates: readonly Candidate[]
  readonly snapshot: Snapshot
}

async function preempt(
  { config, post }: Caller,
  { pod, candidates, snapshot }: Preemption,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const byNode = (podsOf: (candidate: Candidate) => readonly unknown[]) =>
    Object.fromEntries(
      candidates.map((candidate) => [
        candidate.nodeName,
        { Pods: podsOf(candidate), NumPDBViolations: candidate.violations },
      ]),
    )
  const args = config.nodeCacheCapable
    ? {
        NodeNameToMetaVictims: byNode(({ victims }) => victims.map(({ uid }) => ({ UID: uid }))),
        NodeNameToVictims: null,
      }
    : { NodeNameToVictims: byNode(({ victims }) => victims.map((victim) => victim.pod)), NodeNameToMetaVictims: null }
  const answer = await post(config.preemptVerb, { Pod: pod.pod, ...args }, signal)
  const named = entriesOf(memberOf(answer, 'NodeNameToMetaVictims'), (value) => value)
  return [...named].map(([nodeName, victims]) => {
    const node = snapshot.node(nodeName)
    if (node === undefined) throw new Error(`nodeinfo not found for node name "${nodeName}"`)
    return {
      nodeName,
      violations: numberOf(memberOf(victims, 'NumPDBViolations')),
      victims: itemsOf(memberOf(victims, 'Pods')).map((item) => {
        const uid = textOf(memberOf(item, 'UID'))
        const victim = node.pods.get(uid)
        if (victim !== undefined) return victim
        throw new Error(
          `extender: ${config.urlPrefix} claims to preempt pod (UID: ${uid}) on node: ${nodeName}, but the pod is not found on that node`,
        )
      }),
    }
  })
}
