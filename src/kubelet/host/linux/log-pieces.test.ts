import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { linuxLogFiles } from './log-files.ts'

const { signal } = new AbortController()
const STAMP = '20260101-000001'

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-logs-'))
  log = join(folder, '0.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A log of so many numbered lines, moved away. */
async function rotated(lines: number): Promise<{ readonly piece: string; readonly id: string; readonly text: string }> {
  const text = Array.from({ length: lines }, (_, line) => `2026-01-01T00:00:00Z stdout F line ${line}\n`).join('')
  writeFileSync(log, text, { mode: 0o640 })
  const id = (await linuxLogFiles.facts(log))?.id ?? ''
  return { piece: await linuxLogFiles.rotate(log, STAMP), id, text }
}

async function read(path: string, which?: { readonly from?: number; readonly id?: string }): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of linuxLogFiles.read(path, which)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a piece of a log that is compressed', () => {
  test('is told from a log that got its inode', async () => {
    const { piece, id } = await rotated(10)
    await linuxLogFiles.compress(piece, signal)
    const later = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const file = join(folder, `${number}.log`)
        writeFileSync(file, '')
        return (await linuxLogFiles.facts(file))?.id
      }),
    )
    expect(later).not.toContain(id)
  })

  test('is known by its old name', async () => {
    const { piece, id } = await rotated(10)
    await linuxLogFiles.compress(piece, signal)
    expect((await linuxLogFiles.facts(piece))?.id).toBe(id)
  })

  test('is a gzip file with the same text and permissions in place of the plain one', async () => {
    const { piece, text } = await rotated(10_000)
    await linuxLogFiles.compress(piece, signal)
    expect(readdirSync(folder)).toEqual([`0.log.${STAMP}.gz`])
    expect(gunzipSync(readFileSync(`${piece}.gz`)).toString()).toBe(text)
    expect(statSync(`${piece}.gz`).mode & 0o777).toBe(0o640)
    expect((await linuxLogFiles.facts(`${piece}.gz`))?.size).toBeLessThan(text.length / 10)
  })

  test('is read from where a reader had come, by its old name as by its new', async () => {
    const { piece, id, text } = await rotated(10_000)
    await linuxLogFiles.compress(piece, signal)
    expect(await read(`${piece}.gz`)).toBe(text)
    expect(await read(`${piece}.gz`, { from: 100_000, id })).toBe(text.slice(100_000))
    expect(await read(piece, { from: 100_000, id })).toBe(text.slice(100_000))
    expect(await read(piece, { id: 'another' })).toBe('')
    expect((await linuxLogFiles.facts(`${piece}.gz`))?.id).toBe(id)
  })

  test('is left plain when it is ended in the middle, and is done anew later', async () => {
    const { piece, text } = await rotated(10_000)
    await expect(linuxLogFiles.compress(piece, AbortSignal.abort())).rejects.toThrow('aborted')
    expect(await linuxLogFiles.rotated(log)).toEqual([piece])
    expect(await read(piece)).toBe(text)
    await linuxLogFiles.compress(piece, signal)
    expect(readdirSync(folder)).toEqual([`0.log.${STAMP}.gz`])
  })

  test('counts once, and is deleted whole, when a crash has left it in both forms', async () => {
    const { piece } = await rotated(10)
    for (const more of ['.gz', '.gz.tmp']) writeFileSync(piece + more, '')
    expect(await linuxLogFiles.rotated(log)).toEqual([`${piece}.gz`])
    await linuxLogFiles.delete(`${piece}.gz`)
    expect(readdirSync(folder)).toEqual([])
  })
})
