import { createServer, type AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { listening } from '../../base/async/listening.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { serveHealth } from './serve-health.ts'

/** A port that nobody has, held until `free` is called. */
async function heldPort() {
  const holder = createServer()
  await listening(holder, { host: '127.0.0.1', port: 0 })
  const { port } = holder.address() as AddressInfo
  return { port, free: () => new Promise((resolve) => holder.close(resolve)) }
}

const asked = (port: number, path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`).then(
    async (response) => [response.status, await response.text()],
    () => undefined,
  )

test('anybody on the node may ask whether the kubelet is well, as soon as the port is free', async () => {
  const { port, free } = await heldPort()
  const clock = new ManualClock()
  const stopping = new AbortController()
  const at = { host: '127.0.0.1', port }
  let failed = () => {}
  const hasFailed = new Promise<void>((resolve) => (failed = resolve))
  const log = { ...silentLog, warn: () => failed() }
  const running = serveHealth({ at, log, clock }, stopping.signal)
  await hasFailed
  await free()
  await clock.advance(5_000)
  await expect.poll(() => asked(port, '/healthz')).toEqual([200, 'ok'])
  expect(await asked(port, '/healthz/ping')).toEqual([200, 'ok'])
  expect(await asked(port, '/healthz?verbose')).toEqual([200, '[+]ping ok\nhealthz check passed\n'])
  expect(await asked(port, '/livez')).toEqual([404, '404 page not found\n'])
  expect(await asked(port, '/pods')).toEqual([404, '404 page not found\n'])
  stopping.abort(new Error('the test is over'))
  await expect(running).rejects.toThrow('the test is over')
  expect(await asked(port, '/healthz')).toBeUndefined()
})
