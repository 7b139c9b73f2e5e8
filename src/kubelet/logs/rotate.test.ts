import { beforeEach, describe, expect, test } from 'vitest'

import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { simulatedLogFiles } from '../host/simulated/log-files.ts'
import { MemoryFiles } from '../host/simulated/memory-files.ts'
import { type LogOptions, readLog } from './read-log.ts'
import { rotateLogs } from './rotate.ts'

const PATH = '/logs/app/0.log'

let clock: ManualClock
let files: MemoryFiles
let count: number
let reopens: (() => void)[]
beforeEach(() => {
  clock = new ManualClock()
  files = new MemoryFiles()
  count = 0
  reopens = []
})

const logs = () => simulatedLogFiles(files)
/** Lines of 100 bytes, numbered through. */
function write(lines: number): void {
  for (let left = lines; left > 0; left--) {
    const text = `2026-01-01T00:00:00Z stdout F ${++count} `
    files.append(PATH, `${text.padEnd(99, '.')}\n`)
  }
}

/** Rotates files of more than 1000 bytes, every second, and keeps three. */
async function rotating(work: () => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const runtime = {
    async reopenContainerLog() {
      const answer = reopens.shift()
      if (answer !== undefined) answer()
      else files.append(PATH, '')
    },
  }
  const limits = { maxBytes: 1_000, maxFiles: 3, everyMs: 1_000 }
  const running = () => [{ id: 'app', logPath: PATH }]
  const rotation = rotateLogs({ runtime, files: logs(), clock, log: silentLog, limits, running }, stop.signal)
  await work()
  stop.abort(new Error('over'))
  await expect(rotation).rejects.toThrow('over')
}

function follow(options: LogOptions = {}) {
  let running = true
  const text = (async () => {
    const source = { path: PATH, files: logs(), clock, isRunning: () => running }
    const chunks: Buffer[] = []
    for await (const chunk of readLog(source, { follow: true, ...options }, new AbortController().signal))
      chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  })()
  return {
    /** The numbers of the lines that it read. */
    async end() {
      running = false
      await clock.advance(2_000)
      return [...(await text).matchAll(/^(\d+) /gm)].map(([, number]) => Number(number))
    },
  }
}
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('rotation', () => {
  test('keeps as many files as it may, the newest, all but the last of them compressed, and the current one has the name', async () => {
    await rotating(async () => {
      for (let second = 0; second < 6; second++) {
        write(11)
        await clock.advance(1_000)
      }
    })
    const left = [...files.paths()].toSorted()
    expect(left).toEqual([PATH, `${PATH}.20260101-000005.gz`, `${PATH}.20260101-000006`])
    expect(Buffer.from(files.read(left[2] ?? '', 0)).toString()).toMatch(/^\S+ stdout F 56 /)
  })

  test('that the runtime does not follow is undone, and tried again', async () => {
    await rotating(async () => {
      reopens = [
        () => {
          throw new Error('no')
        },
      ]
      write(11)
      await clock.advance(1_000)
      expect([...files.paths()]).toEqual([PATH])
      await clock.advance(1_000)
      expect([...files.paths()].toSorted()).toEqual([PATH, `${PATH}.20260101-000002`])
    })
  })

  test('loses a follower no line', async () => {
    write(1)
    const reader = follow()
    await rotating(async () => {
      for (let second = 0; second < 20; second++) {
        write(25)
        await clock.advance(400)
        write(25)
        await clock.advance(600)
      }
    })
    expect(await reader.end()).toEqual(upTo(1_001))
  })

  test('loses a follower no line that was compressed before it was read', async () => {
    write(5)
    const reader = follow()
    await clock.advance(10)
    for (const stamp of ['20260101-000001', '20260101-000002', '20260101-000003']) {
      write(5)
      await logs().rotate(PATH, stamp)
      for (const piece of await logs().rotated(PATH)) await logs().compress(piece, new AbortController().signal)
    }
    write(5)
    expect(await reader.end()).toEqual(upTo(25))
  })

  test('twice between two looks loses a follower no line, either', async () => {
    write(5)
    const reader = follow()
    await clock.advance(10)
    for (const stamp of ['20260101-000001', '20260101-000002']) {
      write(5)
      await logs().rotate(PATH, stamp)
    }
    write(5)
    expect(await reader.end()).toEqual(upTo(20))
  })
})
