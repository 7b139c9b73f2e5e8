import { expect, test } from 'vitest'
import { truncating } from './truncate.ts'

const line = (event: object) => `${JSON.stringify(event)}\n`

test('a large event loses its bodies and says so; one that is still too large is lost', () => {
  const kept: string[] = []
  const lost: number[] = []
  const sink = truncating(
    200,
    (text) => void kept.push(text),
    (bytes) => lost.push(bytes),
  )
  const small = { auditID: '1', responseObject: { data: 'x' } }
  const head = { auditID: '2', annotations: { a: 'b' } }
  void sink(line(small))
  void sink(line({ ...head, requestObject: { data: 'ü'.repeat(100) }, responseObject: {} }))
  void sink(line({ auditID: '3', requestURI: `/${'x'.repeat(300)}` }))
  expect(kept.map((text) => JSON.parse(text) as unknown)).toEqual([
    small,
    { ...head, annotations: { a: 'b', 'audit.k8s.io/truncated': 'true' } },
  ])
  expect(lost).toEqual([expect.any(Number)])
})
