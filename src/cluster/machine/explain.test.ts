import { describe, expect, test } from 'vitest'

import { UserError } from '../../base/user-error.ts'
import { explain } from './explain.ts'

describe('explain()', () => {
  const cases = [
    {
      fault: { code: 'ENOSPC', path: '/h/default/cluster.json' },
      says: 'up failed: the disk is full (/h/default/cluster.json)',
    },
    { fault: { code: 'ENOSPC' }, says: 'up failed: the disk is full' },
    {
      fault: { code: 'EROFS', path: '/h/.default.lock' },
      says: 'up failed: the file system is read-only (/h/.default.lock)',
    },
    {
      fault: { code: 'EADDRINUSE', address: '127.1.0.11', port: 10250 },
      says: 'up failed: the port is taken (127.1.0.11:10250)',
    },
  ]
  for (const { fault, says } of cases)
    test(`of ${JSON.stringify(fault)} says ${says}`, () => {
      const explained = explain(Object.assign(new Error('as the system has it'), fault), 'up')
      expect(explained).toBeInstanceOf(UserError)
      expect((explained as UserError).message).toBe(says)
    })

  test('leaves other failures as they are', () => {
    const error = new Error('a fault of ours')
    expect(explain(error, 'up')).toBe(error)
  })
})
