/**
 * Tells kubelets, in an annotation of their node, for how many seconds they may keep Secrets and ConfigMaps without
 * asking: the longer, the more nodes there are (the ttl-controller of
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/).
 */

import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { NODES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf, type ReadObject, uidOf } from '../kit/ownership.ts'

const ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** Sizes overlap, so that a cluster at a boundary does not go back and forth. */
const STEPS = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1_000, seconds: 30 },
  { from: 900, to: 2_000, seconds: 60 },
  { from: 1_800, to: Infinity, seconds: 300 },
] as const

/** The step for so many nodes, coming from another. */
export function nextStep(step: number, nodes: number): number {
  const { from, to } = STEPS[step] ?? STEPS[0]
  if (nodes > to) return nextStep(step + 1, nodes)
  return nodes < from ? nextStep(step - 1, nodes) : step
}

export const secondsOf = (step: number): number => STEPS[step]?.seconds ?? 0

export function nodeTtlController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const queue = createWorkQueue(clock)
  let count = 0
  let step = 0
  const resize = (by: number) => {
    count += by
    step = nextStep(step, count)
  }
  const enqueue = (node: ReadObject) => queue.add(nameOf(node))
  nodes.on({
    added(node) {
      resize(1)
      enqueue(node)
    },
    updated: enqueue,
    deleted: () => resize(-1),
  })

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const node = nodes.get(name)
    const wanted = String(secondsOf(step))
    if (node === undefined || node.metadata.annotations?.[ANNOTATION] === wanted) return settled
    const metadata = { uid: uidOf(node), annotations: { [ANNOTATION]: wanted } }
    try {
      await client.patch(NODES, { name }, 'merge', { metadata }, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
    return settled
  }
  return loopController({ name: 'node-ttl', queue, reconcile, log: deps.log, waitFor: [nodes] })
}
