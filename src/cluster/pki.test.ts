import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { ManualClock } from '../base/manual-clock.ts'
import { clusterPaths } from './paths.ts'
import { ADMIN, CA, SERVER, ensurePki } from './pki.ts'
import { rangesOf } from './ranges.ts'
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

test('a damaged certificate is a clear error that names the file', () => {
  const paths = clusterPaths(home, 'default')
  ensurePki(paths, record, rangesOf(0), new ManualClock())
  writeFileSync(paths.pki.certificate(CA), 'rubbish')
  expect(() => ensurePki(paths, record, rangesOf(0), new ManualClock())).toThrow(/ca\.crt or its key cannot be read/)
})
