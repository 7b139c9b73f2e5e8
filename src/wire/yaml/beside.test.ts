import { buildSync } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { type YamlBeside, yamlBeside } from './beside.ts'
import { readYamlBody } from './parse.ts'

const folder = mkdtempSync(join(tmpdir(), 'gorae-yaml-'))
const program = join(folder, 'yaml.cjs')
let reader: YamlBeside | undefined

beforeAll(() => {
  buildSync({
    entryPoints: [join(import.meta.dirname, 'worker-program.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  })
})
afterEach(async () => {
  await reader?.close()
  reader = undefined
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = (limitMs = 60_000, clock: Parameters<typeof yamlBeside>[0]['clock'] = systemClock) =>
  (reader = yamlBeside({ program, clock, limitMs }))
const bytes = (text: string) => Buffer.from(text)
const config = (keys: number) =>
  `kind: ConfigMap\ndata:\n${Array.from({ length: keys }, (_, i) => `  key-${i}: "value ${i}"\n`).join('')}`

describe('yamlBeside()', () => {
  test('reads more than is read at once, without the event loop standing still', async () => {
    expect(() => readYamlBody(bytes(config(8_000)))).toThrow('too complex')
    const reading = open().read(bytes(config(8_000)))
    expect(reading).toBeInstanceOf(Promise)
    const { value, duplicates } = await reading
    expect(Object.keys((value as { data: object }).data)).toHaveLength(8_000)
    expect(duplicates).toEqual([])
  })

  test('reads small YAML at once, and what is JSON without the thread', async () => {
    const { read } = open()
    expect(read(bytes('a: 1'))).toEqual({ value: { a: 1 }, duplicates: [] })
    const json = JSON.stringify({ a: 'x'.repeat(100_000) })
    expect(await read(bytes(json))).toEqual({ value: JSON.parse(json), duplicates: [] })
  })

  test('keeps whole numbers and tells repeated keys', async () => {
    const { value, duplicates } = await open().read(bytes(`${config(2_000)}big: 9223372036854775807\nbig: 2\nbig: 3\n`))
    expect(value).toMatchObject({ big: 3 })
    expect(duplicates).toEqual(['big', 'big'])
    const long = await reader!.read(bytes(`${config(2_000)}big: 9223372036854775807\n`))
    expect(long.value).toMatchObject({ big: 9223372036854775807n })
  })

  test('tells what is wrong in the same words as at once', async () => {
    await expect(open().read(bytes(`${config(2_000)}data: [`))).rejects.toThrow(/^error converting YAML to JSON: yaml:/)
    await expect(reader!.read(bytes(`[${'a,'.repeat(210_000)}]`))).rejects.toThrow('as JSON it may be as large')
  })

  test('gives up what takes too long, and goes on with the next in a new thread', async () => {
    const clock = new ManualClock()
    const { read } = open(10_000, clock)
    const first = read(bytes(config(8_000)))
    const second = read(bytes(config(2_000)))
    await Promise.all([expect(first).rejects.toThrow('the document takes too long to read'), clock.advance(10_000)])
    expect(Object.keys(((await second).value as { data: object }).data)).toHaveLength(2_000)
  })

  test('refuses what comes when too many wait', async () => {
    const { read } = open()
    const all = await Promise.allSettled(Array.from({ length: 30 }, async () => read(bytes(config(900)))))
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))
    expect(refused).toHaveLength(30 - 17)
    expect(refused[0]).toContain('too many large documents')
  })
})
