/** When a client of WebSocket channels is told that its streams are there. */

import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { nextTurn } from '../../base/async/turn.ts'
import { acceptStreams } from './accept.ts'
import type { StreamHeaders } from './stream-connection.ts'
import { execChannels, portChannels } from './websocket-channels.ts'

/** An upgrade to channels, and what its client was told. */
async function upgraded(channels: readonly (StreamHeaders | undefined)[]) {
  const told: string[] = []
  const socket = new Duplex({
    read() {},
    write(bytes: Buffer, _, done) {
      told.push(bytes.toString('latin1'))
      done()
    },
  })
  const request = new IncomingMessage(new Socket())
  request.method = 'GET'
  request.headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'v5.channel.k8s.io',
  }
  const options = { spdyProtocols: [], webSocketProtocols: ['v5.channel.k8s.io'], channels }
  const connection = await acceptStreams({ request, socket, head: Buffer.alloc(0) }, options)
  if (connection === undefined) throw new Error('the upgrade was refused')
  return { connection, told }
}

const exec = execChannels({ stdin: false, stdout: true, stderr: true, tty: false })

describe('a client of channels', () => {
  test('has its handshake before it is greeted, so that it can make its streams', async () => {
    const { told } = await upgraded(exec)
    expect(told.join('')).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\n$/s)
    told.length = 0
    await nextTurn()
    expect(told.join('')).toBe('\x82\x01\x01')
  })

  test('is not greeted behind what is said to it', async () => {
    const { connection, told } = await upgraded(exec)
    told.length = 0
    const stdout = await connection.open({ streamtype: 'stdout' })
    stdout.write('hi')
    await nextTurn()
    expect(told.join('')).toBe('\x82\x03\x01hi')
  })

  test('has the ports of its channels at once', async () => {
    const { told } = await upgraded(portChannels([8080]))
    expect(told.join('').split('\r\n\r\n')[1]).toBe('\x82\x03\0\x90\x1f\x82\x03\x01\x90\x1f')
  })
})
