import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { unlessGone } from './paths.ts'

describe('work for somebody who may go', () => {
  const answering = () => {
    const socket = new Socket()
    const response = new ServerResponse(new IncomingMessage(socket))
    response.assignSocket(socket)
    return { socket, response }
  }

  test('is answered with what it comes to', async () => {
    const { response } = answering()
    expect(await unlessGone(response, async () => 7)).toBe(7)
    expect(response.listenerCount('close')).toBe(0)
  })

  test('ends when they go', async () => {
    const { response } = answering()
    const work = unlessGone(response, (signal) => new Promise((_, reject) => (signal.onabort = reject)))
    response.emit('close')
    expect(await work).toBe('gone')
  })

  test('does not begin when they went before', async () => {
    const { socket, response } = answering()
    socket.destroy()
    let hasBegun = false
    expect(await unlessGone(response, async () => (hasBegun = true))).toBe('gone')
    expect(hasBegun).toBe(false)
  })

  test('that fails, fails', async () => {
    await expect(unlessGone(answering().response, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})
