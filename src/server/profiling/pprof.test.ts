import { describe, expect, test } from 'vitest'
import { ProtobufReader } from '../../wire/protobuf/reader.ts'
import { encodeProfile, type Frame } from './pprof.ts'
import { cpuProfile, heapProfile } from './v8-profiles.ts'

const frame = (functionName: string, lineNumber = 4) => ({
  functionName,
  url: functionName.startsWith('(') ? '' : 'file:///server.js',
  lineNumber,
  scriptId: '1',
  columnNumber: 0,
})
const node = (id: number, name: string, children: number[] = []) => ({ id, callFrame: frame(name), children })
const shown = (stack: readonly Frame[]) => stack.map(({ functionName }) => functionName).join(' < ')
const taken = { beganAt: 1_700_000_000_123, ms: 30 }

describe('a profile of the processor', () => {
  const found = {
    nodes: [
      node(1, '(root)', [2, 5]),
      node(2, 'serve', [3, 4]),
      node(3, 'encode'),
      node(4, 'decode'),
      node(5, '(idle)'),
    ],
    startTime: 0,
    endTime: 40_000,
    samples: [3, 5, 3, 4, 2],
    timeDeltas: [1_000, 10_000, 9_000, 11_000, 8_000],
  }

  test('counts what each sample was followed by, the innermost function first, and nothing of idle time', () => {
    const { samples } = cpuProfile(found, 10, taken)
    expect(samples.map(({ stack, values }) => [shown(stack), ...values])).toEqual([
      ['encode < serve', 2, 21_000_000],
      ['decode < serve', 1, 8_000_000],
      ['serve', 1, 0],
    ])
  })
})

describe('a profile of the heap', () => {
  test('has what each function allocated itself', () => {
    const leaf = { id: 3, callFrame: frame('parse'), selfSize: 64, children: [] }
    const inner = { id: 2, callFrame: frame('serve'), selfSize: 32, children: [leaf] }
    const head = { id: 1, callFrame: frame('(root)'), selfSize: 0, children: [inner] }
    const { samples, measures } = heapProfile({ head }, { type: 'inuse_space', period: 512, ...taken })
    expect(measures).toEqual([{ type: 'inuse_space', unit: 'bytes' }])
    expect(samples.map(({ stack, values }) => [shown(stack), ...values])).toEqual([
      ['serve', 32],
      ['parse < serve', 64],
    ])
  })
})

/** The fields of a message, by number, in order. */
function fieldsOf(message: Buffer): Map<number, (number | Buffer)[]> {
  const fields = new Map<number, (number | Buffer)[]>()
  const reader = new ProtobufReader(message)
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    const value = (tag & 7) === 2 ? reader.bytes() : Number(reader.int64())
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value])
  }
  return fields
}

test('is written as pprof reads it: numbered texts, functions, places and stacks', () => {
  const cpu = { type: 'cpu', unit: 'nanoseconds' }
  const stack = [frame('encode'), frame('serve', 9)]
  const samples = [
    { stack, values: [2, 21_000_000] },
    { stack: stack.slice(1), values: [0, 5] },
  ]
  const measures = [{ type: 'samples', unit: 'count' }, cpu]
  const fields = fieldsOf(encodeProfile({ measures, samples, period: { of: cpu, value: 10_000_000 }, ...taken }))
  const texts = (fields.get(6) ?? []).map(String)
  expect(texts[0]).toBe('')
  const text = (at: unknown) => texts[Number(at)]
  const inner = (number: number) => (fields.get(number) ?? []).map((bytes) => fieldsOf(bytes as Buffer))
  expect(inner(1).map((one) => [text(one.get(1)), text(one.get(2))])).toEqual([
    ['samples', 'count'],
    ['cpu', 'nanoseconds'],
  ])
  const functions = new Map(inner(5).map((one) => [one.get(1)?.[0], one]))
  const places = new Map(inner(4).map((one) => [one.get(1)?.[0], fieldsOf(one.get(4)?.[0] as Buffer)]))
  const named = inner(2).map((one) => {
    const names = (one.get(1) ?? []).map((id) => {
      const place = places.get(id)!
      const own = functions.get(place.get(1)?.[0])!
      return `${text(own.get(2))} ${text(own.get(4))}:${Number(place.get(2))}`
    })
    return [...names, ...(one.get(2) ?? [])]
  })
  expect(named.toReversed()).toEqual([
    ['encode file:///server.js:5', 'serve file:///server.js:10', 2, 21_000_000],
    ['serve file:///server.js:10', 0, 5],
  ])
  expect([fields.get(9), fields.get(10), fields.get(12)]).toEqual([
    [1_700_000_000_123_000_000],
    [30_000_000],
    [10_000_000],
  ])
})
