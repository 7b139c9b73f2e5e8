import { describe, expect, test } from 'vitest'

import { bridgeConnections } from '../../wire/streams/bridge.ts'
import { memoryPair } from '../../wire/streams/memory-pair.ts'
import { spdyConnection } from '../../wire/streams/spdy.ts'
import { errorsFor, tellsStatus } from './plain-errors.ts'

test('tellsStatus() since version 4', () => {
  const told = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io']
  const silent = ['v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io', '']
  expect(told.filter(tellsStatus)).toEqual(told)
  expect(silent.filter(tellsStatus)).toEqual([])
})

type Ending = 'ends the stream' | 'gives it up'

/** What a client of the protocol hears of what the runtime says. */
async function passedOn(protocol: string, streamtype: string, said: string, ending: Ending = 'ends the stream') {
  const [a, b] = memoryPair()
  const [c, d] = memoryPair()
  const old = { protocol }
  const client = spdyConnection(a, { ...old, side: 'client' })
  const runtime = spdyConnection(d, { protocol: 'v4.channel.k8s.io', side: 'server' })
  const front = spdyConnection(b, { ...old, side: 'server' })
  const back = spdyConnection(c, { protocol: 'v4.channel.k8s.io', side: 'client' })
  void bridgeConnections(front, back, errorsFor(protocol))
  const opened = client.open({ streamtype })
  for await (const there of runtime.incoming) {
    if (ending === 'ends the stream') there.end(said)
    else there.write(said, () => there.destroy())
    break
  }
  const heard: Buffer[] = []
  for await (const chunk of await opened) heard.push(chunk as Buffer)
  client.close()
  runtime.close()
  return Buffer.concat(heard).toString()
}

describe('old clients', () => {
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
      expect(await passedOn('channel.k8s.io', stream, said)).toBe(told)
    })
  }
})

describe('a runtime that says how a command ended and gives the stream up', () => {
  const said = JSON.stringify({ status: 'Failure', message: 'exit 3', reason: 'NonZeroExitCode' })
  for (const [protocol, told] of Object.entries({
    'channel.k8s.io': 'exit 3',
    'v5.channel.k8s.io': said,
  })) {
    test(`is heard by clients of ${protocol}`, async () => {
      expect(await passedOn(protocol, 'error', said, 'gives it up')).toBe(told)
    })
  }
})

test('clients of the fourth protocol hear what the runtime says', async () => {
  const failure = JSON.stringify({ status: 'Failure', message: 'no such program', reason: 'InternalError' })
  expect(await passedOn('v4.channel.k8s.io', 'error', failure)).toBe(failure)
})

describe('clients of the fifth protocol', () => {
  const exit = { status: 'Failure', message: 'command terminated with non-zero exit code', reason: 'NonZeroExitCode' }
  for (const said of [exit, { status: 'Success' }]) {
    test(`hear a ${said.status} as it is`, async () => {
      const text = JSON.stringify(said)
      expect(await passedOn('v5.channel.k8s.io', 'error', text)).toBe(text)
    })
  }

  for (const [of, said] of Object.entries({
    'a Status': JSON.stringify({ status: 'Failure', message: 'no such program', reason: 'InternalError' }),
    'plain words': 'no such program',
  })) {
    test(`hear of any other failure, told in ${of}, as an internal error`, async () => {
      expect(JSON.parse(await passedOn('v5.channel.k8s.io', 'error', said))).toMatchObject({
        status: 'Failure',
        message: 'Internal error occurred: no such program',
        reason: 'InternalError',
        code: 500,
      })
    })
  }
})
