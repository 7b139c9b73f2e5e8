/**
 * Below what a node is short of something
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#eviction-thresholds). Pure.
 */

import { canonicalQuantity, parseQuantity, quantityValue } from '../../meta/quantity.ts'
import { parseDuration } from '../../wire/decode/duration.ts'
import type { KubeletConfig } from '../config/kubelet-config.ts'
import { amountText, type Observation, type Observations, type Signal, SIGNALS } from './signals.ts'

/** An amount, or a share of what there is. */
export type Amount = { readonly text: string; readonly value: number } | { readonly share: number }

export interface Threshold {
  readonly signal: Signal
  readonly amount: Amount
  /** How long it may be crossed before Pods go; 0 for hard thresholds. */
  readonly graceMs: number
  readonly isHard: boolean
  /** How much more than the threshold has to be won back. */
  readonly minReclaim?: Amount
}

type Texts = Readonly<Record<string, string>>

/** The thresholds that a configuration states, hard ones first. Throws with what is wrong. */
export function parseThresholds(
  config: Pick<
    KubeletConfig,
    'evictionHard' | 'evictionSoft' | 'evictionSoftGracePeriod' | 'evictionMinimumReclaim' | 'enforceNodeAllocatable'
  >,
): readonly Threshold[] {
  const hard = statements(config.evictionHard, 'evictionHard').map((one) => ({ ...one, graceMs: 0, isHard: true }))
  const soft = statements(config.evictionSoft, 'evictionSoft').map((one) => ({
    ...one,
    graceMs: gracePeriod(one.signal, config.evictionSoftGracePeriod),
    isHard: false,
  }))
  const reclaims = new Map(
    SIGNALS.flatMap((signal) => {
      const text = config.evictionMinimumReclaim[signal]
      return text === undefined ? [] : [[signal, amountOf(text, `evictionMinimumReclaim[${signal}]`)] as const]
    }),
  )
  const all = [...hard, ...soft].map((threshold): Threshold => {
    const minReclaim = reclaims.get(threshold.signal)
    return minReclaim === undefined ? threshold : { ...threshold, minReclaim }
  })
  if (!config.enforceNodeAllocatable.includes('pods')) return all
  // What Pods may have together is kept by a cgroup: near its end they are evicted before the kernel kills.
  const ofPods = all
    .filter(({ signal, isHard }) => signal === 'memory.available' && isHard)
    .map((threshold): Threshold => ({ ...threshold, signal: 'allocatableMemory.available' }))
  return [...all, ...ofPods]
}

/** A share of nothing or of all says that there is no threshold. */
function statements(texts: Texts, field: string) {
  return SIGNALS.flatMap((signal) => {
    const text = texts[signal]
    if (text === undefined || text === '0%' || text === '100%') return []
    const amount = amountOf(text, `${field}[${signal}]`)
    if ('value' in amount && amount.value === 0) throw new Error(`${field}[${signal}]: must be positive: ${text}`)
    return [{ signal, amount }]
  })
}

function amountOf(text: string, path: string): Amount {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)
  if (percent !== null) {
    const share = Number(percent[1]) / 100
    if (share > 1) throw new Error(`${path}: ${text} is more than 100%`)
    return { share }
  }
  const quantity = parseQuantity(text)
  if (quantity === undefined || quantity.nano < 0n)
    throw new Error(`${path}: ${JSON.stringify(text)} is neither a quantity nor a share such as "10%"`)
  return { text: canonicalQuantity(text) ?? text, value: quantityValue(quantity) }
}

function gracePeriod(signal: Signal, periods: Texts): number {
  const text = periods[signal]
  if (text === undefined)
    throw new Error(`evictionSoft[${signal}]: evictionSoftGracePeriod[${signal}] has to be stated with it`)
  try {
    const nanos = parseDuration(text)
    if (nanos >= 0n) return Number(nanos) / 1_000_000
  } catch {
    // told below
  }
  throw new Error(`evictionSoftGracePeriod[${signal}]: ${JSON.stringify(text)} is no duration such as "1m30s"`)
}

/** The amount where there is `capacity` in all. */
const amountIn = (amount: Amount, capacity: number): number =>
  'share' in amount ? Math.floor(capacity * amount.share) : amount.value

/** The threshold as messages write it. */
export const thresholdText = ({ signal, amount }: Threshold, { capacity }: Observation): string =>
  'share' in amount ? amountText(signal, amountIn(amount, capacity)) : amount.text

/** The thresholds that are crossed; `withReclaim`: those beyond which not enough has been won back. */
export function crossed(
  thresholds: readonly Threshold[],
  observations: Observations,
  withReclaim: boolean,
): readonly Threshold[] {
  return thresholds.filter(({ signal, amount, minReclaim }) => {
    const observed = observations.get(signal)
    if (observed === undefined) return false
    const more = withReclaim && minReclaim !== undefined ? amountIn(minReclaim, observed.capacity) : 0
    return observed.available < amountIn(amount, observed.capacity) + more
  })
}

/** What is kept from Pods so that the hard thresholds are not crossed by what they were promised. */
export function hardReservation(config: Pick<KubeletConfig, 'evictionHard'>, signal: Signal, capacity: number): string {
  const text = config.evictionHard[signal]
  if (text === undefined || text === '100%') return '0'
  const amount = amountOf(text, `evictionHard[${signal}]`)
  return 'share' in amount ? String(amountIn(amount, capacity)) : amount.text
}
