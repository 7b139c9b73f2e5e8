/** LimitRange, v1: what each Pod, container or claim of a namespace may ask for (https://kubernetes.io/docs/concepts/policy/limit-range/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import { cmpQuantity, milliValue, quantityValue } from '../../../../meta/quantity.ts'
import {
  duplicate,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  required,
} from '../../../../meta/validation.ts'
import { createdColumn, nameColumn } from '../../../columns.ts'
import type { LimitRange, LimitRangeItem } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { roundToMilli } from '../round-amounts.ts'
import { validateContainerResourceName, validateResourceName } from '../resource-names.ts'

type Item = DeepReadonly<LimitRangeItem>

const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod']
const PARTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

export const limitRanges = defineResource<LimitRange>('v1/limitranges', {
  allowCreateOnUpdate: true,
  countsGeneration: false,
  setDefaults({ spec }) {
    for (const item of spec?.limits ?? []) {
      if (item.type === 'Container') defaultItem(item)
      for (const part of PARTS) roundToMilli(item[part])
    }
  },
  // One without a name gets one that nobody else has.
  prepareForCreate: ({ metadata }) => {
    if ((metadata.name ?? '') === '') metadata.name = metadata.uid!
  },
  validate: ({ spec }, root) => {
    const seen = new Set<string>()
    const path = root.child('spec', 'limits')
    return judgeAll(spec?.limits, (item, at) => validateItem(item, seen, path.index(at)))
  },
  columns: [nameColumn(), createdColumn()],
})

/** A limit is the most there may be, a request is the limit, or else the least there may be. */
function defaultItem(item: LimitRangeItem): void {
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}

function validateItem(item: Item, seen: Set<string>, path: FieldPath): FieldError[] {
  const { type } = item
  const faults = invalidEach(path.child('type'), type, qualifiedName(type))
  if (faults.length === 0 && !type.includes('/') && !TYPES.includes(type)) {
    faults.push(invalidValue(path.child('type'), type, 'must be a standard limit type or fully qualified'))
  }
  if (seen.has(type)) faults.push(duplicate(path.child('type'), type))
  seen.add(type)
  const nameRule = type === 'Pod' || type === 'Container' ? validateContainerResourceName : validateResourceName
  for (const part of PARTS) {
    const amounts = item[part] ?? {}
    if (type === 'Pod' && (part === 'default' || part === 'defaultRequest')) {
      if (Object.keys(amounts).length > 0) {
        faults.push(forbiddenField(path.child(part), "may not be specified when `type` is 'Pod'"))
      }
      continue
    }
    faults.push(...Object.keys(amounts).flatMap((name) => nameRule(name, path.child(part).key(name))))
  }
  if (type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    const words = 'either minimum or maximum storage value is required, but neither was provided'
    faults.push(required(path.child('limits'), words))
  }
  const names = new Set(PARTS.flatMap((part) => Object.keys(item[part] ?? {})))
  return [...faults, ...[...names].flatMap((name) => validateOrder(item, name, path))]
}

interface Order {
  readonly low: 'min' | 'defaultRequest' | 'default'
  readonly high: 'max' | 'defaultRequest' | 'default'
  /** Where Kubernetes sees the fault, and which of the two it shows. */
  readonly at: 'min' | 'defaultRequest' | 'default'
  readonly shows: 'low' | 'high'
  readonly words: (low: string, high: string) => string
}

const ORDERS: readonly Order[] = [
  {
    low: 'min',
    high: 'max',
    at: 'min',
    shows: 'low',
    words: (a, b) => `min value ${a} is greater than max value ${b}`,
  },
  {
    low: 'min',
    high: 'defaultRequest',
    at: 'defaultRequest',
    shows: 'high',
    words: (a, b) => `min value ${a} is greater than default request value ${b}`,
  },
  {
    low: 'defaultRequest',
    high: 'max',
    at: 'defaultRequest',
    shows: 'low',
    words: (a, b) => `default request value ${a} is greater than max value ${b}`,
  },
  {
    low: 'defaultRequest',
    high: 'default',
    at: 'defaultRequest',
    shows: 'low',
    words: (a, b) => `default request value ${a} is greater than default limit value ${b}`,
  },
  {
    low: 'min',
    high: 'default',
    at: 'default',
    shows: 'low',
    words: (a, b) => `min value ${a} is greater than default value ${b}`,
  },
  {
    low: 'default',
    high: 'max',
    at: 'default',
    shows: 'high',
    words: (a, b) => `default value ${a} is greater than max value ${b}`,
  },
]

function validateOrder(item: Item, name: string, path: FieldPath): FieldError[] {
  const faults = ORDERS.flatMap(({ low, high, at, shows, words }) => {
    const a = item[low]?.[name]
    const b = item[high]?.[name]
    if (a === undefined || b === undefined || cmpQuantity(a, b) <= 0) return []
    return [invalidValue(path.child(at).key(name), shows === 'low' ? a : b, words(a, b))]
  })
  const ratio = item.maxLimitRequestRatio?.[name]
  if (ratio === undefined) return faults
  const here = path.child('maxLimitRequestRatio').key(name)
  if (cmpQuantity(ratio, '1') < 0) faults.push(invalidValue(here, ratio, `ratio ${ratio} is less than 1`))
  const { min, max } = { min: item.min?.[name], max: item.max?.[name] }
  if (min !== undefined && max !== undefined) {
    const wholes = [max, min, ratio].map((amount) => int64(quantityValue(amount)))
    // In thousandths, where 64 bits have room for them.
    const isFine = wholes.every((amount) => amount < MAX_IN_THOUSANDTHS)
    const most = isFine ? int64(milliValue(max)) / int64(milliValue(min)) : wholes[0]! / wholes[1]!
    if ((isFine ? int64(milliValue(ratio)) / 1000 : wholes[2]!) > most) {
      const shown = Object.is(most, -0) ? '-0.000000' : most.toFixed(6)
      faults.push(invalidValue(here, ratio, `ratio ${ratio} is greater than max/min = ${shown}`))
    }
  }
  return faults
}

const MAX_IN_THOUSANDTHS = Math.floor(2 ** 63 / 1000)
/** Kubernetes reckons with 64 bits: what they cannot hold is nothing. */
const int64 = (amount: number) => (Math.abs(amount) < 2 ** 63 ? amount : 0)
