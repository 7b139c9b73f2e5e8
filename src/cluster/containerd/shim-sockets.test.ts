import { execFileSync } from 'node:child_process'
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

test('a sandbox is marked before its shim starts, though nobody follows', () => {
  const path = process.env['PATH']
  const [beside, folder] = [join(dir, 'containerd'), join(dir, "it's mine")]
  for (const [name, script] of [
    [beside, 'exit 0'],
    [join(dir, 'containerd-shim-runc-v2'), `echo "$@"; ls ${dir}/shims`],
  ] as const)
    writeFileSync(name, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  process.env['PATH'] = dir
  try {
    expect(sockets().markingPath(folder, beside)).toBe(folder)
  } finally {
    process.env['PATH'] = path
  }
  const shim = (...args: string[]) => execFileSync(join(folder, 'containerd-shim-runc-v2'), args).toString()
  expect(shim('-namespace', 'k8s.io', '-id', id('e'), 'delete')).toBe(`-namespace k8s.io -id ${id('e')} delete\n`)
  expect(shim('-id', id('e'), '-bundle', '/a b', 'start')).toBe(`-id ${id('e')} -bundle /a b start\n${id('e')}\n`)
})
