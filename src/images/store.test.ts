import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { loadArchive } from './load.ts'
import { makeImage } from './make.ts'
import { serveMirror } from './mirror.ts'
import type { Manifest } from './oci.ts'
import { ImageStore } from './store.ts'
import { writeTar } from './tar.ts'

let dir: string
let store: ImageStore
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gorae-images-'))
  store = new ImageStore(join(dir, 'images'), systemClock)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const appletsOf = async () => ['sh', 'ls']
const make = (name: string, into = store) => makeImage(into, { name, binaries: ['/bin/cat'], appletsOf })
const blobCount = () => readdirSync(join(dir, 'images/blobs/sha256')).length
const layersOf = async (name: string) => {
  const descriptor = await store.find(name)
  return (JSON.parse((await store.read(descriptor?.digest ?? '')).toString()) as Manifest).layers
}

test('an image of a dynamic program holds its loader and libraries, and runs from there', async () => {
  const name = await make('cat')
  expect(name).toBe('docker.io/library/cat:latest')
  const [layer] = await layersOf(name)
  const root = mkdtempSync(join(dir, 'root-'))
  const blob = await store.blob(layer?.digest ?? '')
  execFileSync('tar', ['-xf', blob?.path ?? '', '-C', root])
  expect(readdirSync(join(root, 'bin')).toSorted()).toEqual(['cat', 'ls', 'sh'])
  const libraries = execFileSync('find', [root, '-name', '*.so*']).toString()
  expect(libraries).toMatch(/libc\.so\.6/)
  expect(libraries).toMatch(/ld-linux/)
})

test('the same programs give the same image, in any store', async () => {
  await make('cat')
  const other = new ImageStore(join(dir, 'other'), systemClock)
  await make('cat', other)
  expect(await other.find('docker.io/library/cat:latest')).toEqual(await store.find('docker.io/library/cat:latest'))
})

test('removing the last name of an image removes its blobs', async () => {
  await make('cat')
  expect(blobCount()).toBe(3)
  expect(await store.remove('docker.io/library/cat:latest')).toBe(true)
  expect(await store.remove('docker.io/library/cat:latest')).toBe(false)
  expect(blobCount()).toBe(0)
})

test('an OCI archive, gzipped or not, gives back what was saved', async () => {
  const name = await make('cat:1')
  const descriptor = await store.find(name)
  execFileSync('tar', ['-cf', join(dir, 'a.tar'), '-C', join(dir, 'images'), 'oci-layout', 'index.json', 'blobs'])
  writeFileSync(join(dir, 'a.tar.gz'), gzipSync(readFileSync(join(dir, 'a.tar'))))
  for (const file of ['a.tar', 'a.tar.gz']) {
    const other = new ImageStore(join(dir, `from-${file}`), systemClock)
    expect(await loadArchive(other, join(dir, file))).toEqual([name])
    expect((await other.find(name))?.digest).toBe(descriptor?.digest)
  }
})

test('what is loaded again is stored once, for whichever node it is', async () => {
  await make('cat:1')
  execFileSync('tar', ['-cf', join(dir, 'a.tar'), '-C', join(dir, 'images'), 'oci-layout', 'index.json', 'blobs'])
  const count = async () => {
    expect(await loadArchive(store, join(dir, 'a.tar'))).toEqual(['docker.io/library/cat:1'])
    return blobCount()
  }
  const first = await count()
  expect(await count()).toBe(first)
})

test('a docker-save archive becomes an OCI image of the same configuration and layers', async () => {
  const layer = Buffer.concat([...writeTar([{ path: 'hello', type: 'file', mode: 0o644, content: Buffer.from('x') }])])
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } })
  const manifest = [
    { Config: 'c.json', RepoTags: ['web:2', 'ghcr.io/o/web:2'], Layers: ['l1/layer.tar', 'l2/layer.tar'] },
  ]
  const archive = writeTar([
    { path: 'c.json', type: 'file', mode: 0o644, content: Buffer.from(config) },
    { path: 'l1/layer.tar', type: 'file', mode: 0o644, content: layer },
    { path: 'l2/layer.tar', type: 'symlink', target: '../l1/layer.tar' },
    { path: 'manifest.json', type: 'file', mode: 0o644, content: Buffer.from(JSON.stringify(manifest)) },
  ])
  writeFileSync(join(dir, 'd.tar'), Buffer.concat([...archive]))
  expect(await loadArchive(store, join(dir, 'd.tar'))).toEqual(['docker.io/library/web:2', 'ghcr.io/o/web:2'])
  const layers = await layersOf('ghcr.io/o/web:2')
  expect(layers).toHaveLength(2)
  expect(layers[0]).toEqual(layers[1])
  expect((await store.list()).map(({ name }) => name)).toEqual(['docker.io/library/web:2', 'ghcr.io/o/web:2'])
})

test('archives that are none, damaged or incomplete are refused, and nothing gets a name', async () => {
  const file = (path: string, content: string) =>
    ({ path, type: 'file', mode: 0o644, content: Buffer.from(content) }) as const
  const bad = {
    'no image archive': Buffer.concat([...writeTar([file('hello', 'x')])]),
    'no tar archive': Buffer.alloc(2048, 'x'),
    damaged: Buffer.concat([...writeTar([file('index.json', '{}'), file(`blobs/sha256/${'0'.repeat(64)}`, 'x')])]),
    'is no JSON': Buffer.concat([...writeTar([file('manifest.json', '{')])]),
    lacks: Buffer.concat([...writeTar([file('manifest.json', '[{"Config":"c","RepoTags":["a"],"Layers":[]}]')])]),
  }
  for (const [why, bytes] of Object.entries(bad)) {
    writeFileSync(join(dir, 'bad.tar'), bytes)
    await expect(loadArchive(store, join(dir, 'bad.tar'))).rejects.toThrow(why)
  }
  expect(await store.list()).toEqual([])
})

test('the mirror serves manifests by tag and digest and blobs whole or in part, and lacks what other registries have', async () => {
  await make('cat')
  const descriptor = await store.find('docker.io/library/cat:latest')
  const mirror = await serveMirror({ store, log: silentLog })
  try {
    const get = (path: string, init?: RequestInit) => fetch(`${mirror.url}/v2/${path}`, init)
    const byTag = await get('library/cat/manifests/latest?ns=docker.io', { method: 'HEAD' })
    expect(byTag.status).toBe(200)
    expect(byTag.headers.get('docker-content-digest')).toBe(descriptor?.digest)
    expect(byTag.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json')
    const manifest = (await (await get(`library/cat/manifests/${descriptor?.digest}`)).json()) as Manifest
    const blob = await (await get(`library/cat/blobs/${manifest.config.digest}`)).text()
    expect(JSON.parse(blob)).toMatchObject({ os: 'linux' })
    const part = await get(`library/cat/blobs/${manifest.config.digest}`, { headers: { Range: 'bytes=1-4' } })
    expect([part.status, await part.text()]).toEqual([206, blob.slice(1, 5)])
    for (const path of [
      'library/cat/manifests/latest?ns=ghcr.io',
      'library/cat/manifests/2',
      '../../../etc/passwd',
      'x/blobs/sha256:..%2f..%2findex.json',
    ])
      expect((await get(path)).status).toBe(404)
    expect((await get('library/cat/manifests/latest', { method: 'PUT' })).status).toBe(405)
  } finally {
    await mirror.close()
  }
})

test('loading tells how much of the archive has been read, up to all of it', async () => {
  const archive = join(dir, 'big.tar')
  writeFileSync(
    archive,
    Buffer.concat([...writeTar([{ path: 'x', type: 'file', mode: 0o644, content: Buffer.alloc(3 << 20) }])]),
  )
  for (const file of [archive, join(dir, 'big.tar.gz')]) {
    if (file !== archive) writeFileSync(file, gzipSync(readFileSync(archive), { level: 0 }))
    const told: [number, number][] = []
    await expect(loadArchive(store, file, (read, size) => told.push([read, size]))).rejects.toThrow('no image archive')
    const { size } = statSync(file)
    expect(told.length).toBeGreaterThan(2)
    expect(told.every(([read, of]) => read <= size && of === size)).toBe(true)
    expect(told.map(([read]) => read)).toEqual(told.map(([read]) => read).toSorted((a, b) => a - b))
    expect(told.at(-1)?.[0]).toBe(size)
  }
})
