import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { type TarEntry, readTar, writeTar } from './tar.ts'

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function entriesOf(bytes: Buffer, chunk = 1000) {
  const seen: Record<string, string> = {}
  await readTar(inChunks(bytes, chunk), async (header, content) => {
    let text = `${header.type} ${header.link}`
    for await (const part of content) text += part.toString()
    seen[header.path] = text
  })
  return seen
}

const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/file`
const entries: TarEntry[] = [
  { path: 'bin/', type: 'directory', mode: 0o755 },
  { path: 'bin/busybox', type: 'file', mode: 0o755, content: Buffer.from('hello') },
  { path: 'bin/sh', type: 'symlink', target: 'busybox' },
  { path: long, type: 'file', mode: 0o644, content: Buffer.alloc(1024, 'x') },
]
const archive = () => Buffer.concat([...writeTar(entries)])

test('what is written is read back, in whatever chunks it comes', async () => {
  for (const chunk of [1, 511, 513, 100_000]) {
    expect(await entriesOf(archive(), chunk)).toEqual({
      'bin/': 'directory ',
      'bin/busybox': 'file hello',
      'bin/sh': 'symlink busybox',
      [long]: `file ${'x'.repeat(1024)}`,
    })
  }
})

test('the same entries give the same bytes, and tar itself reads them', () => {
  expect(archive().equals(archive())).toBe(true)
  const dir = mkdtempSync(join(tmpdir(), 'gorae-tar-'))
  try {
    writeFileSync(join(dir, 'x.tar'), archive())
    execFileSync('tar', ['-xf', 'x.tar'], { cwd: dir })
    expect(readFileSync(join(dir, 'bin/sh'), 'utf8')).toBe('hello')
    expect(readFileSync(join(dir, long), 'utf8')).toHaveLength(1024)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('archives of GNU tar and of pax are read, long names and all', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gorae-tar-'))
  try {
    mkdirSync(join(dir, long, '..'), { recursive: true })
    writeFileSync(join(dir, long), 'far')
    for (const format of ['gnu', 'pax']) {
      const bytes = execFileSync('tar', ['-c', `--format=${format}`, long], { cwd: dir })
      expect(await entriesOf(bytes)).toEqual({ [long]: 'file far' })
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('an archive that is cut short or is none is refused', async () => {
  await expect(entriesOf(archive().subarray(0, 1500))).rejects.toThrow('cut short')
  await expect(entriesOf(Buffer.alloc(2048, 'a'))).rejects.toThrow('no tar archive')
})
