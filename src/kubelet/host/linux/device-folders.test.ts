import { expect, test } from 'vitest'
import { formatArguments } from './device-folders.ts'

const cases = [
  { fsType: 'ext4', args: ['-F', '-m0', '/dev/sdx'] },
  { fsType: 'ext3', args: ['-F', '-m0', '/dev/sdx'] },
  { fsType: 'xfs', args: ['/dev/sdx'] },
]
for (const { fsType, args } of cases) {
  test(`formats a blank device as ${fsType} with ${args.join(' ')}`, () => {
    expect(formatArguments(fsType, '/dev/sdx')).toEqual(args)
  })
}
