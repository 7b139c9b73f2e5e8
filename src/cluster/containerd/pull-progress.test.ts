import { describe, expect, test } from 'vitest'

import { type LogLine, createLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { ImageService } from '../../kubelet/cri/runtime.ts'
import { progressOf, withPullLog } from './pull-progress.ts'

/** What the log says about a pull that takes this long, and how the pull ends. */
async function logOf(seconds: number, fails = false): Promise<{ lines: LogLine[]; timers: number }> {
  const clock = new ManualClock()
  const lines: LogLine[] = []
  const images = {
    async pullImage() {
      await clock.sleep(seconds * 1000)
      if (fails) throw new Error('no such image')
      return 'sha256:id'
    },
  } as Pick<ImageService, 'pullImage'> as ImageService
  const pulls = async () => [
    { image: 'docker.io/library/web', doneBytes: clock.monotonic() * 100, totalBytes: 4e6, updatedAt: clock.now() },
  ]
  const log = createLog((line) => lines.push(line))
  const service = withPullLog({ images, watcher: { pulls }, clock, log })
  const pulled = service.pullImage({ image: { image: 'web:1' } }, new AbortController().signal).catch(() => 'failed')
  await clock.advance(seconds * 1000)
  expect(await pulled).toBe(fails ? 'failed' : 'sha256:id')
  return { lines, timers: clock.pending }
}

describe('the log of pulls', () => {
  const cases = [
    { when: 'it is quick', seconds: 4, says: [] },
    { when: 'it takes a while', seconds: 21, says: ['pulling an image', 'pulling an image', 'pulled an image'] },
    { when: 'it takes a while and fails', seconds: 6, fails: true, says: ['pulling an image'] },
  ]
  for (const { when, seconds, fails, says } of cases)
    test(`says ${says.length} words when ${when}, and leaves no timer`, async () => {
      const { lines, timers } = await logOf(seconds, fails)
      expect(lines.map(({ message }) => message)).toEqual(says)
      expect(timers).toBe(0)
    })

  test('says how far it is', async () => {
    const { lines } = await logOf(6)
    expect(lines[0]?.fields).toMatchObject({ image: 'web:1', progress: '500.0 kB of 4.0 MB (12 %)' })
    expect(lines[1]?.fields).toMatchObject({ image: 'web:1', ms: 6_000 })
  })
})

describe('progressOf()', () => {
  const pulls = ['docker.io/library/web', 'r.example/team/web', 'docker.io/library/db'].map((image, at) => ({
    image,
    doneBytes: at,
    totalBytes: 10,
  }))
  const cases = [
    { image: 'db', words: '2 B of 10 B (20 %)' },
    { image: 'db:15@sha256:abc', words: '2 B of 10 B (20 %)' },
    { image: 'r.example:5000/team/web:1', words: '1 B of 10 B (10 %)' },
    { image: 'docker.io/library/db:latest', words: '2 B of 10 B (20 %)' },
  ]
  for (const { image, words } of cases)
    test(`finds ${image}`, () => {
      expect(progressOf(image, pulls)).toBe(words)
    })
  test('has nothing to say when nothing comes', () => {
    expect(progressOf('web', [])).toBeUndefined()
  })
})
