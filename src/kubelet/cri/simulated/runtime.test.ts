import { describe, expect, test } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { seededRandom } from '../../../base/random.ts'
import { simulatedNode } from '../../simulated-node.ts'
import { testRuntimeContract } from '../contract.ts'
import type { ContainerConfig, PodSandboxConfig } from '../runtime.ts'
import { AddressPool } from './address-pool.ts'
import { annotatedBehaviour, type Behaviour, type BehaviourOf } from './behaviour.ts'
import { simulatedImages } from './images.ts'

const fromCommand: BehaviourOf = ({ config }) => {
  const [word = '', code = '0'] = config.command ?? []
  const exec: Behaviour['exec'] = ([verb = '', argument = '']) => {
    if (verb === 'print') return { exitCode: 0, stdout: argument }
    if (verb === 'linger') return { exitCode: 0, takesMs: 60_000 }
    return { exitCode: Number(argument) }
  }
  if (word === 'exit') return { runMs: 0, exitCode: Number(code), exec }
  if (word === 'ignore') return { onStop: { afterMs: Infinity, exitCode: 0 }, exec }
  return { exec, onStop: { afterMs: 10, exitCode: 0 } }
}

describe('runtime contract: simulated', () => {
  testRuntimeContract(async () => {
    const clock = new ManualClock()
    const images = { isMissing: (name: string) => name.includes('missing') }
    const options = { clock, random: seededRandom(1), podCidr: '10.244.1.0/24', behaviour: fromCommand, images }
    const node = simulatedNode(options)
    return {
      runtime: node.runtime,
      images: node.images,
      image: 'docker.io/library/busybox:1',
      missingImage: 'docker.io/library/missing:1',
      commands: {
        serve: ['serve'],
        ignore: ['ignore'],
        exit: (code) => ['exit', String(code)],
        print: (text) => ['print', text],
        linger: ['linger'],
      },
      logDirectory: '/var/log/pods',
      cgroupParent: '/kubepods',
      untilIgnoring: () => Promise.resolve(),
      async during(work) {
        let isDone = false
        const mark = () => (isDone = true)
        work.then(mark, mark)
        do await clock.advance(100)
        while (!isDone)
        return work
      },
      pause: () => clock.advance(20),
      async close() {
        node.close()
        if (clock.pending > 0) throw new Error(`the closed runtime has left ${clock.pending} timers`)
      },
    }
  })
})

describe('annotatedBehaviour()', () => {
  const behaviourOf = (annotations: Record<string, string>, kind = 'app'): Behaviour => {
    const config = {
      metadata: { name: 'c', attempt: 0 },
      annotations: { 'gorae.dev/container-kind': kind },
    } as Partial<ContainerConfig> as ContainerConfig
    const sandbox = { annotations } as Partial<PodSandboxConfig> as PodSandboxConfig
    return annotatedBehaviour({ config, sandbox, image: 'i' })
  }
  const cases: { when: string; said: Record<string, string>; kind?: string; does: Behaviour }[] = [
    { when: 'nothing is said', said: {}, does: {} },
    { when: 'it initializes', said: {}, kind: 'init', does: { runMs: 0 } },
    { when: 'an exit code is said', said: { 'gorae.dev/sim-exit-code': '7' }, does: { exitCode: 7, runMs: 0 } },
    { when: 'a duration is said', said: { 'gorae.dev/sim-run-seconds': '1.5' }, does: { runMs: 1500 } },
    { when: 'lines are said', said: { 'gorae.dev/sim-log': 'a\nb\n' }, does: { log: ['a', 'b'] } },
    { when: 'a delay is said', said: { 'gorae.dev/sim-ready-seconds': '3' }, does: { readyMs: 3000 } },
    { when: 'a fault is said', said: { 'gorae.dev/sim-start-error': 'no' }, does: { startError: 'no' } },
    {
      when: 'a slow end is said',
      said: { 'gorae.dev/sim-stop-seconds': '9' },
      does: { onStop: { afterMs: 9000, exitCode: 0 } },
    },
    {
      when: 'something is said of it and of all',
      said: { 'gorae.dev/sim-exit-code': '7', 'gorae.dev/sim-exit-code.c': '8', 'gorae.dev/sim-exit-code.d': '9' },
      does: { exitCode: 8, runMs: 0 },
    },
  ]
  for (const { when, said, kind, does } of cases)
    test(`when ${when}`, () => expect(behaviourOf(said, kind)).toEqual(does))

  for (const text of ['', 'soon', '-1', '256', '1.5', 'NaN'])
    test(`refuses the exit code ${JSON.stringify(text)}`, () => {
      expect(() => behaviourOf({ 'gorae.dev/sim-exit-code': text })).toThrow('gorae.dev/sim-exit-code')
    })
})

describe('AddressPool', () => {
  test('gives every address of the range but the network, the gateway and the broadcast, and then none', () => {
    const pool = new AddressPool('10.1.2.8/29')
    expect(Array.from({ length: 6 }, () => pool.take())).toEqual([
      '10.1.2.10',
      '10.1.2.11',
      '10.1.2.12',
      '10.1.2.13',
      '10.1.2.14',
      undefined,
    ])
  })

  test('lets an address that was given back rest while others are free', () => {
    const pool = new AddressPool('10.1.2.0/29')
    const first = pool.take() ?? ''
    pool.giveBack(first)
    expect(pool.take()).not.toBe(first)
  })
})

describe('simulatedImages()', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const cases = [
    { asked: 'nginx', found: 'docker.io/library/nginx:latest' },
    { asked: 'nginx:1.27', found: 'docker.io/library/nginx:1.27' },
    { asked: 'example.com:5000/a/b:1', found: 'example.com:5000/a/b:1' },
    { asked: `nginx@${digest}`, found: `docker.io/library/nginx@${digest}` },
    { asked: `nginx:1@${digest}`, found: `docker.io/library/nginx:1@${digest}` },
  ]
  for (const { asked, found } of cases)
    test(`${asked} is ${found}`, async () => {
      const images = simulatedImages({ clock: new ManualClock() })
      const { signal } = new AbortController()
      await images.pullImage({ image: { image: asked } }, signal)
      expect(await images.imageStatus({ image: found }, signal)).toBeDefined()
      await images.removeImage({ image: asked }, signal)
      expect(await images.listImages(signal)).toEqual([])
    })
})
