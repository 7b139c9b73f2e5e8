/** Small frames without end, each of which wants an answer: they cost nobody else their turn, nor us our memory. */

import { Duplex } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { nextTurn } from '../../base/async/turn.ts'
import { spdyConnection } from './spdy.ts'
import { controlFrame, dataFrame, frameTypes } from './spdy-frames.ts'
import type { StreamConnection } from './stream-connection.ts'

const FRAMES = 20_000
const repeated = (frame: Buffer) => Buffer.concat(Array.from({ length: FRAMES }, () => frame))
const cases = [
  { what: 'pings', flood: repeated(controlFrame(frameTypes.ping, 0, [1])) },
  { what: 'data for streams that never were', flood: repeated(dataFrame(77, Buffer.from('x'), false)) },
]

const open: StreamConnection[] = []
afterEach(() => {
  for (const connection of open.splice(0)) connection.close(new Error('over'))
})

/** The server's end of a connection over which a client sends; `canSend`: whether the client reads. */
function flooded(canSend: boolean) {
  let answers = 0
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      answers++
      if (canSend) done()
    },
  })
  const connection = spdyConnection(socket, { protocol: 'v4.channel.k8s.io', side: 'server' })
  open.push(connection)
  return { socket, answers: () => answers }
}

describe('a connection that is flooded', () => {
  test.each(cases)('with $what leaves others their turn', async ({ flood }) => {
    const { socket, answers } = flooded(true)
    socket.push(flood)
    let turns = 0
    while (answers() < FRAMES) {
      await nextTurn() // oxlint-disable-line no-await-in-loop -- turns are what is counted
      turns++
    }
    expect(turns).toBeGreaterThan(20)
  })

  test.each(cases)('with $what by who reads no answers keeps few of them', async ({ flood }) => {
    const { socket } = flooded(false)
    for (let chunk = 0; chunk < 10; chunk++) {
      socket.push(flood)
      for (let turn = 0; turn < 100; turn++) await nextTurn() // oxlint-disable-line no-await-in-loop -- as long as it likes
    }
    expect(socket.writableLength).toBeLessThan(64 * 1024)
    expect(socket.readableLength).toBeGreaterThan(8 * flood.length)
  })
})
