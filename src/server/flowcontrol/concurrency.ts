/**
 * How the server's seats are divided among priority levels, and how levels lend each other what they do not use
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#priority-levels). Pure.
 */

import type { PriorityLevelConfigurationSpec } from '../../api/generated/flowcontrol-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

type ReadSpec = DeepReadonly<PriorityLevelConfigurationSpec>

/** Seats of one level. */
export interface SeatLimits {
  /** Its share. */
  readonly nominal: number
  /** What it keeps when it lends all that it may. */
  readonly lower: number
  /** What it may come to by borrowing. */
  readonly upper: number
}

const DEFAULT_SHARES = 30

export function sharesOf({ type, limited, exempt }: ReadSpec): number {
  return type === 'Exempt'
    ? (exempt?.nominalConcurrencyShares ?? 0)
    : (limited?.nominalConcurrencyShares ?? DEFAULT_SHARES)
}

/** A level's part of `total` seats, where all levels together have `shareSum` shares. */
export function seatLimits(spec: ReadSpec, total: number, shareSum: number): SeatLimits {
  const nominal = shareSum === 0 ? 0 : Math.ceil((total * sharesOf(spec)) / shareSum)
  const lends = (spec.type === 'Exempt' ? spec.exempt : spec.limited)?.lendablePercent ?? 0
  const borrows = spec.limited?.borrowingLimitPercent
  return {
    nominal,
    lower: nominal - Math.round((nominal * lends) / 100),
    upper: nominal + (borrows === undefined ? total : Math.round((nominal * borrows) / 100)),
  }
}

/** What one request may take of a level at the most, which depends on how many flows may be served at once. */
export function mostSeats(nominal: number, handSize: number): number {
  return Math.max(1, Math.min(Math.ceil(nominal * 0.15), Math.floor(nominal / handSize)))
}

/** What a level asked for since the seats were divided last. */
export interface SeatDemand {
  readonly isExempt: boolean
  readonly limits: SeatLimits
  /** The most at one moment. */
  readonly highWatermark: number
  /** About as many as it needs, by its recent past. */
  readonly smoothed: number
}

export interface Division {
  /** One number for each level, in the order of the demands. */
  readonly seats: readonly number[]
  readonly targets: readonly number[]
  /** All who are held back get this part of what they aim at; 0 where there is too little for that. */
  readonly fairFraction: number
}

/** Divides the seats by what levels ask for: nobody falls below what it needs of its own share. */
export function divideSeats(demands: readonly SeatDemand[]): Division {
  const floors = demands.map(({ isExempt, limits, highWatermark }) =>
    Math.max(limits.lower, isExempt ? highWatermark : Math.min(limits.nominal, highWatermark)),
  )
  const targets = demands.map(({ smoothed }, at) => Math.max(floors[at]!, smoothed))
  const sumOf = (numbers: readonly number[], isMeant: (demand: SeatDemand) => boolean) =>
    numbers.reduce((sum, number, at) => (isMeant(demands[at]!) ? sum + number : sum), 0)
  const isLimited = ({ isExempt }: SeatDemand) => !isExempt
  const nominals = demands.map(({ limits }) => limits.nominal)
  const lowers = demands.map(({ limits }) => limits.lower)
  const total = sumOf(nominals, () => true)
  // Who is exempt takes what it likes; the others divide the rest.
  const rest = total - sumOf(floors, ({ isExempt }) => isExempt)
  const lowerSum = sumOf(lowers, isLimited)
  const floorSum = sumOf(floors, isLimited)
  if (rest <= floorSum) {
    const part = rest <= lowerSum ? 0 : (rest - lowerSum) / (floorSum - lowerSum)
    const seats = demands.map(({ isExempt, limits: { lower } }, at) =>
      isExempt ? floors[at]! : lower + Math.round((floors[at]! - lower) * part),
    )
    return { seats, targets, fairFraction: 0 }
  }
  const bounded = demands.flatMap(({ isExempt, limits }, at) =>
    isExempt ? [] : [{ lower: floors[at]!, upper: limits.upper, target: Math.max(targets[at]!, TINY) }],
  )
  const fairFraction = fairFractionOf(bounded, total)
  const seats = demands.map(({ isExempt, limits }, at) =>
    isExempt ? floors[at]! : Math.round(clamp(fairFraction * Math.max(targets[at]!, TINY), floors[at]!, limits.upper)),
  )
  return { seats, targets, fairFraction }
}

/** Instead of nothing: it is divided by. */
const TINY = 0.001
/** Halving so often leaves no error that a seat would show. */
const HALVINGS = 64

interface Bounded {
  readonly lower: number
  readonly upper: number
  readonly target: number
}

const clamp = (value: number, lower: number, upper: number) => Math.max(lower, Math.min(upper, value))

/** The part of its target that each gets, within its bounds, so that all get `sum` together. */
function fairFractionOf(all: readonly Bounded[], sum: number): number {
  const given = (part: number) =>
    all.reduce((given, { lower, upper, target }) => given + clamp(part * target, lower, upper), 0)
  let low = 0
  let high = Math.max(...all.map(({ upper, target }) => upper / target))
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (given(middle) < sum) low = middle
    else high = middle
  }
  return high
}
