import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { ShimSockets } from './shim-sockets.ts'

const id = (digit: string) => digit.repeat(64)
let dir: string
let unfollow = () => {}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gorae-shims-'))
  mkdirSync(shared(), { recursive: true })
})
afterEach(() => {
  unfollow()
  rmSync(dir, { recursive: true, force: true })
})

const shared = () => join(dir, 'shared')
const socket = () => join(dir, 'containerd.sock')
const sockets = () => new ShimSockets({ run: dir, socket: socket() }, shared())
const bundle = (sandbox: string) => join(dir, 'containerd/io.containerd.runtime.v2.task/k8s.io', sandbox)
/** As a shim names its socket. */
const listen = (sandbox: string) =>
  writeFileSync(join(shared(), createHash('sha256').update(`${socket()}/k8s.io/${sandbox}`).digest('hex')), '')

test('a shim that was killed before anybody listed its sandbox is known all the same', async () => {
  const own = sockets()
  unfollow = own.follow()
  mkdirSync(bundle(id('a')))
  listen(id('a'))
  rmSync(bundle(id('a')), { recursive: true }) // containerd cleans up after it, but for the socket
  await expect.poll(() => own.marked()).toEqual([id('a')])
  expect(own.isInUse(id('a'))).toBe(false)
  own.remove(id('a'))
  expect([readdirSync(shared()), own.marked()]).toEqual([[], []])
})

test('whoever takes the node down finds the sockets, though all that followed them is dead', async () => {
  mkdirSync(bundle(id('b')), { recursive: true })
  unfollow = sockets().follow()
  mkdirSync(bundle(id('c')))
  await expect.poll(() => sockets().marked().toSorted()).toEqual([id('b'), id('c')])
  unfollow()
  mkdirSync(bundle(id('d')))
  for (const sandbox of ['b', 'c', 'd']) listen(id(sandbox))
  writeFileSync(join(shared(), 'of-another-containerd'), '')
  sockets().removeAll()
  expect(readdirSync(shared())).toEqual(['of-another-containerd'])
})
