import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { listening } from './listening.ts'

test('a server listens, and a second one at the same port says why it cannot', async () => {
  const [first, second] = [createServer(), createServer()]
  await listening(first, { port: 0, host: '127.0.0.1' })
  const { port } = first.address() as AddressInfo
  await expect(listening(second, { port, host: '127.0.0.1' })).rejects.toThrow('EADDRINUSE')
  first.close()
})
