import { describe, expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import type { LogFiles } from '../host/host.ts'
import { simulatedLogFiles } from '../host/simulated/log-files.ts'
import { MemoryFiles } from '../host/simulated/memory-files.ts'
import { type LogOptions, logTail, readLog } from './read-log.ts'

const PATH = '/logs/app/0.log'

function aLog(text: string) {
  const clock = new ManualClock()
  const files = new MemoryFiles()
  if (text !== '') files.append(PATH, text)
  const logs = simulatedLogFiles(files)
  let running = false
  const read = async (options: LogOptions, from = logs) => {
    const source = { path: PATH, files: from, clock, isRunning: () => running }
    const chunks: Buffer[] = []
    for await (const chunk of readLog(source, options, new AbortController().signal)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }
  const append = (more: string, path = PATH) => files.append(path, more)
  return { clock, logs, read, append, run: (is: boolean) => (running = is) }
}

const line = (second: number, text: string, stream = 'stdout', tag = 'F') =>
  `2026-01-01T00:00:0${second}.5Z ${stream} ${tag} ${text}\n`
const FIVE = [1, 2, 3, 4, 5].map((n) => line(n, `line ${n}`)).join('')

describe('readLog()', () => {
  const cases: { of: string; options: LogOptions; text: string }[] = [
    { of: 'all of it', options: {}, text: 'line 1\nline 2\nline 3\nline 4\nline 5\n' },
    { of: 'its last lines', options: { tailLines: 2 }, text: 'line 4\nline 5\n' },
    { of: 'none of its lines', options: { tailLines: 0 }, text: '' },
    { of: 'more lines than it has', options: { tailLines: 9 }, text: 'line 1\nline 2\nline 3\nline 4\nline 5\n' },
    { of: 'so many bytes', options: { limitBytes: 9 }, text: 'line 1\nli' },
    {
      of: 'a line with its time',
      options: { timestamps: true, tailLines: 1 },
      text: '2026-01-01T00:00:05.5Z line 5\n',
    },
    { of: 'what came since', options: { since: Date.parse('2026-01-01T00:00:04Z') }, text: 'line 4\nline 5\n' },
  ]
  for (const { of, options, text } of cases) {
    test(`gives ${of}`, async () => {
      expect(await aLog(FIVE).read(options)).toBe(text)
    })
  }

  test('gives no more than the last lines when others are written meanwhile', async () => {
    const log = aLog(FIVE)
    const busy: LogFiles = {
      ...log.logs,
      read(...args) {
        log.append(line(6, 'meanwhile'))
        return log.logs.read(...args)
      },
    }
    expect(await log.read({ tailLines: 2 }, busy)).toBe('line 4\nline 5\n')
  })

  test('joins lines that the runtime has cut', async () => {
    const text = line(1, 'one ', 'stdout', 'P') + line(2, 'line') + line(3, 'no newline', 'stdout', 'P')
    expect(await aLog(text).read({ timestamps: true })).toBe(
      '2026-01-01T00:00:01.5Z one line\n2026-01-01T00:00:03.5Z no newline',
    )
  })

  test('gives one stream alone', async () => {
    const text = line(1, 'out') + line(2, 'err', 'stderr')
    expect(await aLog(text).read({ stream: 'stderr' })).toBe('err\n')
  })

  test('gives nothing of a log that is not there', async () => {
    expect(await aLog('').read({})).toBe('')
  })

  test('follows until the container ends', async () => {
    const log = aLog(line(1, 'first'))
    log.run(true)
    const reading = log.read({ follow: true })
    await log.clock.advance(100)
    log.append(line(2, 'second'))
    await log.clock.advance(100)
    log.append(line(3, 'last'))
    log.run(false)
    await log.clock.advance(1_000)
    expect(await reading).toBe('first\nsecond\nlast\n')
    expect(log.clock.pending).toBe(0)
  })
})

test('a follower reads each line once when the log is moved away while it looks for what it missed', async () => {
  const log = aLog(line(1, 'first'))
  log.run(true)
  const stamps = ['20260101-000001', '20260101-000002']
  // One piece is moved away between two looks, and the next between the look at the log and the one at its pieces.
  const busy: LogFiles = {
    ...log.logs,
    async rotated(path) {
      const stamp = stamps.shift()
      if (stamp !== undefined) {
        await log.logs.rotate(path, stamp)
        log.append(line(4, `after ${stamp}`))
      }
      return log.logs.rotated(path)
    },
  }
  const reading = log.read({ follow: true }, busy)
  await log.clock.advance(100)
  await log.logs.rotate(PATH, '20260101-000000')
  log.append(line(2, 'second'))
  await log.clock.advance(2_000)
  log.run(false)
  await log.clock.advance(2_000)
  expect(await reading).toBe('first\nsecond\nafter 20260101-000001\nafter 20260101-000002\n')
})

test('a follower reads what the runtime still writes to the old file when the new one is there', async () => {
  const log = aLog(line(1, 'first'))
  log.run(true)
  const reading = log.read({ follow: true })
  await log.clock.advance(100)
  await log.logs.rotate(PATH, '20260101-000000')
  log.append(line(2, 'of a line'))
  await log.clock.advance(50)
  log.append(line(2, 'half ', 'stdout', 'P'), `${PATH}.20260101-000000`)
  await log.clock.advance(1_000)
  log.run(false)
  await log.clock.advance(1_000)
  expect(await reading).toBe('first\nhalf of a line\n')
})

test('logTail() ends where the container stopped in the middle of a line', () => {
  const end = `half\n${line(1, 'first')}${line(2, 'sec', 'stdout', 'P')}${line(2, 'ond')}${line(3, 'DONE', 'stdout', 'P')}`
  expect(logTail(end, 80, 2048)).toBe('first\nsecond\nDONE')
  expect(logTail(end, 1, 2048)).toBe('DONE')
  expect(logTail(end, 80, 6)).toBe('d\nDONE')
})
