import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TWO_NODES } from './fixtures.ts'

import { complaint } from './commands/complaint.ts'
import { clusterPaths } from './paths.ts'
import { type ClusterRecord, mergedInto, readCluster, writeFileAtomic } from './record.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gorae-record-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function read(text: string): ClusterRecord | undefined {
  const paths = clusterPaths(home, 'default')
  mkdirSync(dirname(paths.record), { recursive: true })
  writeFileSync(paths.record, text)
  return readCluster(paths)
}

describe('readCluster()', () => {
  for (const good of [
    TWO_NODES,
    { ...TWO_NODES, mergedKubeconfig: '/x' },
    { ...TWO_NODES, runtime: 'simulated', index: 40 },
  ])
    test(`reads ${JSON.stringify(good)}`, () => expect(read(JSON.stringify(good))).toEqual(good))

  const cases: readonly [why: string, text: string][] = [
    ['it holds no object', ''],
    ['it holds no object', 'rubbish'],
    ['it holds no object', JSON.stringify(TWO_NODES).slice(0, 40)],
    ['it holds no object', 'null'],
    ['it holds no object', '[]'],
    ['version is missing', '{}'],
    ['index is 4000', JSON.stringify({ ...TWO_NODES, index: 4000 })],
    ['index is -5', JSON.stringify({ ...TWO_NODES, index: -5 })],
    ['port is 99999999', JSON.stringify({ ...TWO_NODES, port: 99999999 })],
    ['nodes is ["../../x"]', JSON.stringify({ ...TWO_NODES, nodes: ['../../x'] })],
    ['nodes is []', JSON.stringify({ ...TWO_NODES, nodes: [] })],
    ['runtime is "docker"', JSON.stringify({ ...TWO_NODES, runtime: 'docker' })],
    ['hostNamespace is missing', JSON.stringify({ ...TWO_NODES, hostNamespace: undefined })],
    ['mergedKubeconfig is 5', JSON.stringify({ ...TWO_NODES, mergedKubeconfig: 5 })],
    ['it is the record of another cluster', JSON.stringify({ ...TWO_NODES, name: 'other' })],
  ]
  for (const [why, text] of cases)
    test(`says of ${JSON.stringify(text)} that ${why}`, () => {
      const said = complaint(() => read(text))
      expect(said).toContain(`cluster.json is damaged: ${why};`)
      expect(said).toContain('take it down with: gorae down --name default')
    })

  test('sends whoever has the record of a later version to that version', () =>
    expect(complaint(() => read(JSON.stringify({ ...TWO_NODES, version: 2 })))).toMatch(
      /cluster\.json was written in the format 2 of another version of gorae; this one reads 1; start the cluster with that version/,
    ))
})

describe('mergedInto()', () => {
  const whole = JSON.stringify({ ...TWO_NODES, mergedKubeconfig: '/home/me/.kube/"config"' }, null, 2)
  const cases: readonly [what: string, text: string, want: string | undefined][] = [
    ['a record', whole, '/home/me/.kube/"config"'],
    ['a record of no use', whole.replace('6443', '"x"'), '/home/me/.kube/"config"'],
    ['a record whose beginning is lost', whole.slice(40), '/home/me/.kube/"config"'],
    ['a record whose end is lost', whole.slice(0, -20), undefined],
    ['a record of another form', JSON.stringify({ mergedKubeconfig: 5 }), undefined],
    ['rubbish', 'rubbish', undefined],
  ]
  for (const [what, text, want] of cases)
    test(`finds in ${what}: ${want ?? 'nothing'}`, () => {
      const paths = clusterPaths(home, 'default')
      mkdirSync(dirname(paths.record), { recursive: true })
      writeFileSync(paths.record, text)
      expect(mergedInto(paths)).toBe(want)
    })
})

test('a file that cannot be written is named, and no draft of it stays', () => {
  mkdirSync(join(home, 'file'))
  expect(() => writeFileAtomic(join(home, 'file'), 'text')).toThrow(
    expect.objectContaining({ path: join(home, 'file') }),
  )
  expect(readdirSync(home)).toEqual(['file'])
})

test.skipIf(process.platform === 'win32')('a link where the draft goes is not followed', () => {
  writeFileSync(join(home, 'other'), 'theirs')
  symlinkSync(join(home, 'other'), join(home, `.${process.pid}.draft`))
  writeFileAtomic(join(home, 'file'), 'text')
  expect(readFileSync(join(home, 'other'), 'utf8')).toBe('theirs')
  expect(readFileSync(join(home, 'file'), 'utf8')).toBe('text')
  expect(readdirSync(home).sort()).toEqual(['file', 'other'])
})
