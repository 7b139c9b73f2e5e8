import { describe, expect, test } from 'vitest'

import { bridgeConnections } from '../../wire/streams/bridge.ts'
import { memoryPair } from '../../wire/streams/memory-pair.ts'
import { spdyConnection } from '../../wire/streams/spdy.ts'
import { plainErrors, tellsStatus } from './plain-errors.ts'

test('tellsStatus() since version 4', () => {
  const told = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io']
  const silent = ['v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io', '']
  expect(told.filter(tellsStatus)).toEqual(told)
  expect(silent.filter(tellsStatus)).toEqual([])
})

describe('plainErrors', () => {
  const failure = { status: 'Failure', message: 'command terminated with non-zero exit code', code: 500 }
  const cases = [
    { of: 'a success', stream: 'error', said: JSON.stringify({ status: 'Success' }), told: '' },
    { of: 'a failure', stream: 'error', said: JSON.stringify(failure), told: failure.message },
    { of: 'nothing', stream: 'error', said: '', told: '' },
    { of: 'what is no Status', stream: 'error', said: 'no such container', told: 'no such container' },
    { of: 'what a command prints', stream: 'stdout', said: JSON.stringify(failure), told: JSON.stringify(failure) },
  ]
  for (const { of, stream, said, told } of cases) {
    test(`${told === said ? 'passes on' : 'puts into plain words'} ${of}`, async () => {
      const [a, b] = memoryPair()
      const [c, d] = memoryPair()
      const old = { protocol: 'channel.k8s.io' }
      const client = spdyConnection(a, { ...old, side: 'client' })
      const runtime = spdyConnection(d, { protocol: 'v4.channel.k8s.io', side: 'server' })
      const front = spdyConnection(b, { ...old, side: 'server' })
      const back = spdyConnection(c, { protocol: 'v4.channel.k8s.io', side: 'client' })
      void bridgeConnections(front, back, plainErrors)
      const opened = client.open({ streamtype: stream })
      for await (const there of runtime.incoming) {
        there.end(said)
        break
      }
      const heard: Buffer[] = []
      for await (const chunk of await opened) heard.push(chunk as Buffer)
      expect(Buffer.concat(heard).toString()).toBe(told)
      client.close()
      runtime.close()
    })
  }
})
