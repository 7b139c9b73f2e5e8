import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type Channel, channel } from '../../base/async/channel.ts'
import { aborted } from '../../base/async/group.ts'
import { createLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { KUBELET_FOLDER, wellKnownPaths } from '../host/well-known-paths.ts'
import { registeringPlugin } from './fixtures.ts'
import type { Plugin, PluginHandler } from './plugin.ts'
import { registerPlugins } from './registry.ts'

const REGISTERED = { pluginRegistered: true, error: '' }

let root: string
let clock: ManualClock
let stop: AbortController
let failures: Channel<string>
let running: Promise<unknown> | undefined
const opened: { close(): void }[] = []
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gorae-plugins-'))
  mkdirSync(path.join(root, 'plugins_registry'))
  clock = new ManualClock()
  stop = new AbortController()
  failures = channel(100)
})
afterEach(async () => {
  stop.abort()
  await running
  for (const each of opened.splice(0)) each.close()
  rmSync(root, { recursive: true, force: true })
})

const socket = (name: string) => path.join(root, 'plugins_registry', name)
const plugin = async (name: string, info: Parameters<typeof registeringPlugin>[1]) => {
  const made = await registeringPlugin(socket(name), info)
  opened.push(made)
  return made
}

/** Keeps what it is asked; `faults` are thrown first, one a call. */
function handler(faults: { validate?: string[]; register?: string[] } = {}) {
  const calls = channel<readonly [string, Plugin]>(100)
  const news = calls[Symbol.asyncIterator]()
  const fail = (words: string | undefined) => {
    if (words !== undefined) throw new Error(words)
  }
  const made: PluginHandler = {
    validate: () => fail(faults.validate?.shift()),
    async register(each) {
      fail(faults.register?.shift())
      calls.push(['register', each])
    },
    deregister: (each) => void calls.push(['deregister', each]),
  }
  return { ...made, next: async (): Promise<unknown> => (await news.next()).value }
}

/** Settles when a registration has failed, which is told right before the next is planned. */
const failed = async () => {
  await failures[Symbol.asyncIterator]().next()
}

const run = (handlers: Parameters<typeof registerPlugins>[0]['handlers']) => {
  const kubelet = { root, paths: wellKnownPaths({ [KUBELET_FOLDER]: root }) }
  const log = createLog(({ level }) => level === 'warn' && failures.push(level))
  running = registerPlugins({ kubelet, handlers, clock, log }, stop.signal).catch(() => {})
}

describe('a plugin', () => {
  const info = { type: 'CSIPlugin', name: 'a.example.com', supportedVersions: ['1.0.0'] }

  test('is registered when its socket comes, and told so, and given up when it goes', async () => {
    const csi = handler()
    run({ CSIPlugin: csi })
    const at = '/var/lib/kubelet/plugins/a.example.com/csi.sock'
    const driver = await plugin('a-reg.sock', { ...info, endpoint: at })
    const endpoint = path.join(root, 'plugins/a.example.com/csi.sock')
    const seen = { name: 'a.example.com', endpoint, supportedVersions: ['1.0.0'] }
    expect(await csi.next()).toEqual(['register', seen])
    expect(await driver.status()).toEqual(REGISTERED)
    driver.close()
    expect(await csi.next()).toEqual(['deregister', seen])
  })

  test('that was there before the kubelet is found, and serves at the same socket unless it says otherwise', async () => {
    const driver = await plugin('a-reg.sock', info)
    const csi = handler()
    run({ CSIPlugin: csi })
    expect(await csi.next()).toMatchObject(['register', { endpoint: socket('a-reg.sock') }])
    expect(await driver.status()).toEqual(REGISTERED)
  })

  test('in a folder of its own is found, also where the folder comes later', async () => {
    const csi = handler()
    run({ CSIPlugin: csi })
    mkdirSync(socket('deep'))
    await plugin('deep/a.sock', info)
    expect(await csi.next()).toMatchObject(['register', { name: 'a.example.com' }])
  })

  test('whose socket is made anew is registered again', async () => {
    const first = await plugin('a-reg.sock', info)
    const csi = handler()
    run({ CSIPlugin: csi })
    expect(await csi.next()).toMatchObject(['register', {}])
    expect(await first.status()).toEqual(REGISTERED)
    first.close()
    const second = await plugin('a-reg.sock', { ...info, supportedVersions: ['1.1.0'] })
    expect(await csi.next()).toMatchObject(['deregister', { supportedVersions: ['1.0.0'] }])
    expect(await csi.next()).toMatchObject(['register', { supportedVersions: ['1.1.0'] }])
    expect(await second.status()).toEqual(REGISTERED)
  })

  test('of an unknown type is told so, and asked again later', async () => {
    run({})
    const driver = await plugin('a.sock', { ...info, type: 'constructor' })
    const error =
      'RegisterPlugin error -- no handler registered for plugin type: constructor ' +
      'at socket /var/lib/kubelet/plugins_registry/a.sock'
    expect(await driver.status()).toEqual({ pluginRegistered: false, error })
    const again = driver.status()
    await failed()
    await clock.advance(500)
    expect(await again).toEqual({ pluginRegistered: false, error })
  })

  test.each([
    [{ validate: ['no such version'] }, 'plugin validation failed with err: no such version'],
    [{ register: ['it does not answer'] }, 'plugin registration failed with err: it does not answer'],
  ])('that is refused is told why, and tried again: %o', async (faults, words) => {
    const csi = handler(structuredClone(faults))
    run({ CSIPlugin: csi })
    const driver = await plugin('a.sock', info)
    expect(await driver.status()).toEqual({ pluginRegistered: false, error: `RegisterPlugin error -- ${words}` })
    await failed()
    await clock.advance(500)
    expect(await csi.next()).toMatchObject(['register', {}])
    expect(await driver.status()).toEqual(REGISTERED)
  })

  test('that hangs keeps no other waiting', async () => {
    const csi = handler()
    const slow = handler()
    run({ CSIPlugin: csi, DRAPlugin: { ...slow, register: (_, signal) => aborted(signal) } })
    await plugin('a.sock', { ...info, type: 'DRAPlugin' })
    await plugin('b.sock', info)
    expect(await csi.next()).toMatchObject(['register', {}])
  })

  test('has a socket whose path is longer than the kernel takes', async () => {
    const folder = socket('x'.repeat(120))
    mkdirSync(folder)
    await plugin(`${'x'.repeat(120)}/a.sock`, info)
    const csi = handler()
    run({ CSIPlugin: csi })
    expect(await csi.next()).toMatchObject(['register', {}])
  })

  test('is none where the name begins with a dot', async () => {
    await plugin('.hidden.sock', { ...info, name: 'hidden' })
    await plugin('seen.sock', info)
    const csi = handler()
    run({ CSIPlugin: csi })
    expect(await csi.next()).toMatchObject(['register', { name: 'a.example.com' }])
  })
})
