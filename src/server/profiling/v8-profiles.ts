/** What V8's profilers found, as profiles (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/). Pure. */

import type { HeapProfiler, Profiler } from 'node:inspector'
import type { Frame, Profile, Sample } from './pprof.ts'

/** When a profile was taken: in milliseconds since the epoch, and for how long. */
export interface Taken {
  readonly beganAt: number
  readonly ms: number
}

const CPU = { type: 'cpu', unit: 'nanoseconds' }
const SPACE = { unit: 'bytes' }
/** Time in which nothing was done. */
const IDLE = '(idle)'
const ROOT = '(root)'

/** Where the processor's time went. `periodMs` lies between two samples. */
export function cpuProfile(found: Profiler.Profile, periodMs: number, { beganAt, ms }: Taken): Profile {
  const stacks = stacksOf(found.nodes)
  const spent = new Map<number, { count: number; us: number }>()
  const { samples = [], timeDeltas = [] } = found
  for (const [at, id] of samples.entries()) {
    const known = spent.get(id) ?? { count: 0, us: 0 }
    known.count++
    // A sample stands for what follows it.
    known.us += Math.max(0, timeDeltas[at + 1] ?? 0)
    spent.set(id, known)
  }
  return {
    measures: [{ type: 'samples', unit: 'count' }, CPU],
    samples: [...spent].flatMap(([id, { count, us }]): readonly Sample[] => {
      const stack = stacks(id)
      const isIdle = stack.length === 0 || stack[0]?.functionName === IDLE
      return isIdle ? [] : [{ stack, values: [count, us * 1_000] }]
    }),
    period: { of: CPU, value: periodMs * 1_000_000 },
    beganAt,
    ms,
  }
}

/** What was allocated: `inuse_space`, what of it is still needed; `alloc_space`, all of it. */
export function heapProfile(
  { head }: HeapProfiler.SamplingHeapProfile,
  { type, period, ...taken }: Taken & { readonly type: 'inuse_space' | 'alloc_space'; readonly period: number },
): Profile {
  const samples: Sample[] = []
  const visit = (node: HeapProfiler.SamplingHeapProfileNode, above: readonly Frame[]) => {
    const { callFrame, selfSize, children } = node
    const stack = callFrame.functionName === ROOT ? above : [callFrame, ...above]
    if (selfSize > 0 && stack.length > 0) samples.push({ stack, values: [selfSize] })
    for (const child of children) visit(child, stack)
  }
  visit(head, [])
  return {
    measures: [{ type, ...SPACE }],
    samples,
    period: { of: { type: 'space', ...SPACE }, value: period },
    ...taken,
  }
}

/** The functions of a node, the innermost first. */
function stacksOf(nodes: readonly Profiler.ProfileNode[]): (id: number) => readonly Frame[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  return (id) => {
    const stack: Frame[] = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame
      if (frame !== undefined && frame.functionName !== ROOT) stack.push(frame)
    }
    return stack
  }
}
