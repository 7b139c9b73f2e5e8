/** Asks the extenders that care about a Pod, one after another, at the three places where they have a say. */

import type { Log } from '../../base/log.ts'
import type { NodeRejection, PostFilterRequest } from '../framework/plugin.ts'
import type { Candidate } from '../preemption/victims.ts'
import { EXTENDER } from '../queue/scheduling-queue.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Extender } from './extender.ts'

/** The nodes that all extenders leave, and why not the others. */
export interface Consulted {
  readonly nodes: readonly NodeInfo[]
  readonly rejections: ReadonlyMap<string, NodeRejection>
}

export interface ConsultDeps {
  readonly extenders: readonly Extender[]
  readonly log: Log
}

/** Runs one step of an extender; an ignorable one may fail. */
async function ask<T>(extender: Extender, log: Log, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step()
  } catch (error) {
    if (!extender.isIgnorable) throw error
    log.info('an extender failed and is ignored', { extender: extender.name, error })
    return undefined
  }
}

/** Each extender gets the nodes that those before it left. */
export async function filterOutside(
  { extenders, log }: ConsultDeps,
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  signal: AbortSignal,
): Promise<Consulted> {
  const rejections = new Map<string, NodeRejection>()
  const refuse = (name: string, reason: string, evictionMayHelp: boolean) =>
    rejections.set(name, { kind: 'rejected', reasons: [reason], evictionMayHelp, plugin: EXTENDER })
  let nodes = feasible
  for (const extender of extenders) {
    if (nodes.length === 0) break
    const answer = await ask(extender, log, async () => extender.filter?.(pod, nodes, signal))
    if (answer === undefined) continue
    for (const [name, reason] of answer.failed) refuse(name, reason, true)
    for (const [name, reason] of answer.failedForGood) refuse(name, reason, false)
    nodes = answer.nodes
  }
  return { nodes, rejections }
}

/** The sum of what the extenders add to each node's score. One that fails gives none. */
export async function scoreOutside(
  { extenders, log }: ConsultDeps,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>()
  const answers = await Promise.all(
    extenders.map(async (extender) => {
      try {
        return await extender.prioritize?.(pod, nodes, signal)
      } catch (error) {
        signal.throwIfAborted()
        log.info('an extender gave no scores', { extender: extender.name, error })
        return undefined
      }
    }),
  )
  for (const scores of answers) for (const [name, score] of scores ?? []) sums.set(name, (sums.get(name) ?? 0) + score)
  return sums
}

/** Which of the candidates for a preemption the extenders leave. */
export async function reviewOutside(
  { extenders, log }: ConsultDeps,
  { pod, snapshot }: PostFilterRequest,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  let left = candidates
  for (const extender of extenders) {
    if (left.length === 0) break
    if (extender.preempt === undefined || !extender.isInterested(pod.pod)) continue
    const answer = await ask(extender, log, async () => extender.preempt?.(pod, left, snapshot, signal))
    if (answer === undefined) continue
    const empty = answer.find(({ victims }) => victims.length === 0)
    if (empty !== undefined && !extender.isIgnorable)
      throw new Error(`expected at least one victim pod on node "${empty.nodeName}"`)
    left = answer.filter(({ victims }) => victims.length > 0)
  }
  return left
}

/** Lets an extender bind the Pod, where one does that. Answers whether one did. */
export async function bindOutside(
  { extenders, log }: ConsultDeps,
  pod: PodInfo,
  nodeName: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const extender of extenders) {
    if (extender.bind === undefined || !extender.isInterested(pod.pod)) continue
    const done = await ask(extender, log, async () => {
      await extender.bind?.(pod, nodeName, signal)
      return true
    })
    if (done === true) return true
  }
  return false
}
