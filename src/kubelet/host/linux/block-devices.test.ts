import { expect, test } from 'vitest'

import { diskUseIn, numberOf } from './block-devices.ts'

const DISKSTATS = `   7       0 loop0 1 2 3 4 5 6 7 8 9 10 11 0 0 0 0 0 0
 254       0 vda 12670317 884288 348145482 15976614 22977316 6451350 617075400 14997010 3 4295976 33665270 0 0 0 0 0 0
`

test('what was done with one disk', () => {
  expect(diskUseIn(DISKSTATS, '254:0')).toEqual({
    reads: 12_670_317,
    readsMerged: 884_288,
    sectorsRead: 348_145_482,
    readMs: 15_976_614,
    writes: 22_977_316,
    writesMerged: 6_451_350,
    sectorsWritten: 617_075_400,
    writeMs: 14_997_010,
    inProgress: 3,
    busyMs: 4_295_976,
    weightedMs: 33_665_270,
  })
  expect(diskUseIn(DISKSTATS, '254:1')).toBeUndefined()
})

test.each([
  [0xfe00n, '254:0'],
  [0x0821n, '8:33'],
  [0x1_0000_0800n, '8:1048576'],
])('%s is the device %s', (packed, number) => {
  expect(numberOf(packed)).toBe(number)
})
