import { describe, expect, test } from 'vitest'

import type { Image } from '../cri/runtime.ts'
import { bytesToFree, type ImageRecords, noteImages, outdated, removable } from './image-gc.ts'

const image = (id: string, more: Partial<Image> = {}): Image => ({
  id,
  repoTags: [`example.com/${id}:latest`],
  repoDigests: [],
  size: 100,
  pinned: false,
  ...more,
})

/** Looks at minutes with these images, of which some are used. */
const look = (records: ImageRecords, minute: number, images: readonly Image[], used: readonly string[] = []) =>
  noteImages(records, {
    images,
    used: new Set(used),
    now: minute * 60_000,
    isFirst: records.size === 0 && minute === 0,
  })

const ages = { imageMinimumGCAge: 120_000, imageMaximumGCAge: 3_600_000 }
const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id)

describe('Images that may go', () => {
  test('are those that nobody uses, the longest unused first', () => {
    const all = [image('a'), image('b'), image('c'), image('pause', { pinned: true })]
    let records = look(new Map(), 0, all, ['a', 'c'])
    records = look(records, 5, all, ['a', 'c'])
    records = look(records, 10, all, ['c'])
    expect(ids(removable(records, 600_000, ages))).toEqual(['b', 'a'])
  })

  test('are used by id, tag or digest', () => {
    const all = [image('a'), image('b'), image('c', { repoDigests: ['example.com/c@sha256:1'] })]
    const records = look(new Map(), 0, all, ['a', 'example.com/b:latest', 'example.com/c@sha256:1'])
    expect(removable(records, 600_000, ages)).toEqual([])
  })

  test('have been here for a while, or were here before', () => {
    let records = look(new Map(), 0, [image('old')])
    records = look(records, 1, [image('old'), image('fresh')])
    expect(ids(removable(records, 60_000, ages))).toEqual(['old'])
    expect(ids(removable(records, 180_000, ages))).toEqual(['old', 'fresh'])
  })

  test('go for their age alone after the longest time', () => {
    let records = look(new Map(), 0, [image('a'), image('b')], ['b'])
    records = look(records, 30, [image('a'), image('b')], ['b'])
    expect(ids(outdated(records, 3_600_000, ages))).toEqual([])
    records = look(records, 61, [image('a'), image('b')])
    expect(ids(outdated(records, 61 * 60_000, ages))).toEqual(['a'])
    expect(outdated(records, 61 * 60_000, { ...ages, imageMaximumGCAge: 0 })).toEqual([])
  })
})

describe('bytesToFree()', () => {
  const marks = { imageGCHighThresholdPercent: 85, imageGCLowThresholdPercent: 80 }
  const disk = (availableBytes: number, capacityBytes = 1000) => ({
    device: 'd',
    capacityBytes,
    availableBytes,
    usedBytes: capacityBytes - availableBytes,
    inodes: 0,
    inodesFree: 0,
  })
  test.each([
    [500, 0],
    [160, 0],
    [150, 50],
    [0, 200],
  ])('with %d of 1000 left: %d', (available, bytes) => {
    expect(bytesToFree(disk(available), marks)).toBe(bytes)
  })
  test('is nothing where there is no disk', () => expect(bytesToFree(disk(0, 0), marks)).toBe(0))
})
