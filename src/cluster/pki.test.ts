import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '../base/manual-clock.ts'
import { type PkiPaths, clusterPaths } from './paths.ts'
import { ADMIN, CA, SERVER, ensurePki } from './pki.ts'
import { rangesOf } from './machine/ranges.ts'
import type { ClusterRecord } from './record.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gorae-pki-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const record: ClusterRecord = {
  version: 1,
  name: 'default',
  index: 0,
  port: 6443,
  runtime: 'containerd',
  nodes: ['node-1'],
  hostNamespace: 'net:[1]',
}

test('a second call keeps every file, and keys are for their owner only', () => {
  const paths = clusterPaths(home, 'default')
  const clock = new ManualClock()
  ensurePki(paths, record, rangesOf(0), clock)
  const read = () => [CA, SERVER, ADMIN, 'node-node-1'].map((name) => readFileSync(paths.pki.certificate(name), 'utf8'))
  const before = read()
  ensurePki(paths, record, rangesOf(0), clock)
  expect(read()).toEqual(before)
  for (const name of [CA, SERVER, ADMIN, 'sa']) expect(statSync(paths.pki.key(name)).mode & 0o777).toBe(0o600)
})

test('certificates that run out within a month are issued anew by the same authority', async () => {
  const paths = clusterPaths(home, 'default')
  const clock = new ManualClock()
  ensurePki(paths, record, rangesOf(0), clock)
  const before = { ca: readFileSync(paths.pki.certificate(CA)), admin: readFileSync(paths.pki.certificate(ADMIN)) }
  await clock.advance(340 * 86_400_000)
  ensurePki(paths, record, rangesOf(0), clock)
  expect(readFileSync(paths.pki.certificate(CA))).toEqual(before.ca)
  expect(readFileSync(paths.pki.certificate(ADMIN))).not.toEqual(before.admin)
})

describe('a damaged pair is a clear error that names the file and says what to do', () => {
  const rubbish = () => 'rubbish'
  const cases = [
    { what: 'the authority', damage: rubbish, of: CA, file: 'certificate' },
    { what: 'the key of the authority', damage: rubbish, of: CA, file: 'key' },
    { what: 'the certificate of the server', damage: rubbish, of: SERVER, file: 'certificate' },
    { what: 'the key of the server', damage: rubbish, of: SERVER, file: 'key' },
    { what: 'an empty key', damage: () => '', of: ADMIN, file: 'key' },
    {
      what: 'the key of another pair',
      damage: (pki: PkiPaths) => readFileSync(pki.key(ADMIN)),
      of: SERVER,
      file: 'key',
    },
    { what: 'the key for tokens', damage: rubbish, of: 'sa', file: 'key' },
  ] as const
  for (const { what, damage, of, file } of cases)
    test(`${what}`, () => {
      const paths = clusterPaths(home, 'default')
      ensurePki(paths, record, rangesOf(0), new ManualClock())
      writeFileSync(paths.pki[file](of), damage(paths.pki))
      const again = () => ensurePki(paths, record, rangesOf(0), new ManualClock())
      expect(again).toThrow(new RegExp(`/${of}\\.crt or its key cannot be used`))
      expect(again).toThrow(expect.objectContaining({ advice: expect.stringContaining('gorae up') }))
    })
})

test('deleting a pair has it issued anew', () => {
  const paths = clusterPaths(home, 'default')
  ensurePki(paths, record, rangesOf(0), new ManualClock())
  const before = readFileSync(paths.pki.certificate(ADMIN))
  for (const file of [paths.pki.certificate(ADMIN), paths.pki.key(ADMIN)]) rmSync(file)
  ensurePki(paths, record, rangesOf(0), new ManualClock())
  expect(readFileSync(paths.pki.certificate(ADMIN))).not.toEqual(before)
})
