import { expect, test } from 'vitest'
import { type ConditionLike, findCondition, isConditionTrue, setCondition } from './conditions.ts'
import { keyOf, splitKey } from './keys.ts'
import { controllerOf, isControlledBy } from './owner.ts'

const ready: ConditionLike = { type: 'Ready', status: 'True', lastTransitionTime: 't0' }

test('a condition keeps its time while its status stays', () => {
  const again = setCondition([ready], { type: 'Ready', status: 'True' }, 't1')
  expect(again).toEqual([ready])
  const same = [ready]
  expect(setCondition(same, { type: 'Ready', status: 'True' }, 't1')).toBe(same)
  expect(setCondition([ready], { type: 'Ready', status: 'False', reason: 'R' }, 't1')).toEqual([
    { type: 'Ready', status: 'False', reason: 'R', lastTransitionTime: 't1' },
  ])
  expect(setCondition(undefined, { type: 'New', status: 'True' }, 't1')).toEqual([
    { type: 'New', status: 'True', lastTransitionTime: 't1' },
  ])
})

test('conditions are found by type', () => {
  expect(findCondition([ready], 'Ready')).toBe(ready)
  expect(isConditionTrue([ready], 'Ready')).toBe(true)
  expect(isConditionTrue([ready], 'Other')).toBe(false)
})

test('keys are namespace and name', () => {
  expect(keyOf({ metadata: { namespace: 'a', name: 'b' } })).toBe('a/b')
  expect(keyOf({ metadata: { name: 'b' } })).toBe('b')
  expect(splitKey('a/b')).toEqual({ namespace: 'a', name: 'b' })
  expect(splitKey('b')).toEqual({ name: 'b' })
})

test('an owner is known by uid', () => {
  const owner = { metadata: { name: 'rs', uid: 'u1' } }
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u1' }
  const owned = { metadata: { ownerReferences: [reference, { ...reference, controller: true }] } }
  expect(controllerOf(owned)).toMatchObject({ kind: 'ReplicaSet', name: 'rs', controller: true })
  expect(isControlledBy(owned, owner)).toBe(true)
  expect(isControlledBy(owned, { metadata: { name: 'rs', uid: 'u2' } })).toBe(false)
  expect(controllerOf({ metadata: {} })).toBeUndefined()
})
