/**
 * Completion indexes as text, e.g. `1,3-5,7`, judged as Kubernetes judges them
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode).
 */

import { goQuote } from '../../../../meta/go-quote.ts'

interface Interval {
  readonly first: number
  readonly last: number
}

/** What was read, or what is wrong with it. */
type Read<T> = { readonly value: T } | { readonly fault: string }

const MAX_INT64 = 2n ** 63n - 1n

/** How many indexes a text names, or why it cannot be read: they rise, and stay below `completions`. */
export function countIndexes(text: string, completions: number): Read<number> {
  if (text === '') return { value: 0 }
  let count = 0
  let previous: number | undefined
  for (const part of text.split(',')) {
    const interval = readInterval(part, completions)
    if ('fault' in interval) return interval
    const { first, last } = interval.value
    if (previous !== undefined && previous >= first) return notRising(previous, first)
    count += last - first + 1
    previous = last
  }
  return { value: count }
}

/** The first index that both texts name; what cannot be read in them is passed over. */
export function sharedIndex(left: string, right: string, completions: number): number | undefined {
  const [a, b] = [readable(left, completions), readable(right, completions)]
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [one, other] = [a[i]!, b[j]!]
    if (one.first <= other.last && other.first <= one.last) return Math.max(one.first, other.first)
    if (one.first <= other.first) i++
    else j++
  }
  return undefined
}

function readable(text: string, completions: number): readonly Interval[] {
  return text.split(',').flatMap((part) => {
    const interval = readInterval(part, completions)
    return 'value' in interval ? [interval.value] : []
  })
}

function readInterval(text: string, completions: number): Read<Interval> {
  const limits = text.split('-')
  if (limits.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
    return { fault: `the fragment ${goQuote(text)} ${rule}` }
  }
  const [first, last] = limits.map((limit) => readIndex(limit, completions))
  if (first === undefined || 'fault' in first) return first ?? notAnIndex('')
  if (last === undefined) return { value: { first: first.value, last: first.value } }
  if ('fault' in last) return last
  if (first.value >= last.value) return notRising(first.value, last.value)
  return { value: { first: first.value, last: last.value } }
}

function readIndex(text: string, completions: number): Read<number> {
  if (!/^\+?[0-9]+$/.test(text) || text.length > 40 || BigInt(text.replace('+', '')) > MAX_INT64)
    return notAnIndex(text)
  const index = Number(text)
  return index < completions ? { value: index } : { fault: `too large index: ${goQuote(text)}` }
}

const notAnIndex = (text: string) => ({ fault: `cannot convert string to integer for index: ${goQuote(text)}` })

const notRising = (previous: number, current: number) => ({
  fault: `non-increasing order, previous: ${previous}, current: ${current}`,
})
