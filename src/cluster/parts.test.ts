import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type ProcessIdentity, identify } from '../linux/processes.ts'
import { type Part, clusterMark, findPart, recordOf, runningContainerd, runningPart } from './parts.ts'
import { type ClusterPaths, clusterPaths } from './paths.ts'
import { writeJson } from './record.ts'

let home: string
let paths: ClusterPaths
let child: ChildProcess | undefined
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gorae-parts-'))
  paths = clusterPaths(home, 'default')
})
afterEach(async () => {
  if (child !== undefined) {
    const ended = new Promise((resolve) => child?.once('close', resolve))
    child.stdin?.end()
    await ended
  }
  child = undefined
  rmSync(home, { recursive: true, force: true })
})

/** A process with these arguments. */
function run(...words: readonly string[]): ProcessIdentity {
  child = spawn('sh', ['-c', 'read x', 'sh', ...words], { stdio: ['pipe', 'ignore', 'ignore'] })
  return identify(child.pid ?? 0)!
}

const SERVER: Part = { kind: 'server' }
const NODE: Part = { kind: 'node', name: 'node-1' }
const mark = (name = 'default') => clusterMark(clusterPaths(home, name))

describe('a process that is written down as a part of a cluster', () => {
  const cases: readonly {
    readonly what: string
    readonly part: Part
    readonly words: () => readonly string[]
    readonly change?: Partial<ProcessIdentity>
    readonly is: boolean
  }[] = [
    { what: 'its server', part: SERVER, words: () => ['server', '--name', 'default', mark()], is: true },
    { what: 'its node', part: NODE, words: () => ['node', 'node-1', '--name', 'default', mark()], is: true },
    { what: 'another of its nodes', part: NODE, words: () => ['node', 'node-2', mark()], is: false },
    { what: 'its node, not its server', part: SERVER, words: () => ['node', 'node-1', mark()], is: false },
    { what: 'its server, not its node', part: NODE, words: () => ['server', mark()], is: false },
    { what: 'the server of another cluster', part: SERVER, words: () => ['server', mark('other')], is: false },
    { what: 'any other process', part: SERVER, words: () => [], is: false },
    { what: 'of an earlier boot', part: SERVER, words: () => ['server', mark()], change: { bootId: 'x' }, is: false },
    {
      what: 'started at another time',
      part: SERVER,
      words: () => ['server', mark()],
      change: { startTicks: '1' },
      is: false,
    },
  ]
  for (const { what, part, words, change, is } of cases)
    test(`counts ${is ? '' : 'not '}when it is ${what}`, () => {
      const identity = run(...words())
      writeJson(recordOf(paths, part), { ...identity, ...change })
      expect(runningPart(paths, part)).toEqual(is ? identity : undefined)
    })

  test('is found by its arguments where another is written down', () => {
    const identity = run('server', mark())
    writeJson(paths.serverRecord, identify(process.pid))
    expect(runningPart(paths, SERVER)).toBeUndefined()
    expect(findPart(paths, SERVER)).toEqual(identity)
    expect(findPart(paths, NODE)).toBeUndefined()
  })

  test('is a containerd of a node only with the configuration of that node', () => {
    const node = paths.node('node-1')
    const identity = run('--config', node.config)
    for (const [written, want] of [
      [identity, identity],
      [identify(process.pid), undefined],
    ]) {
      writeJson(node.containerdRecord, written)
      expect(runningContainerd(node)).toEqual(want)
    }
    writeJson(paths.node('node-2').containerdRecord, identity)
    expect(runningContainerd(paths.node('node-2'))).toBeUndefined()
  })
})

test('the mark of a cluster is one word, also in a folder with spaces', () => {
  expect(clusterMark({ root: '/Users/Ann Lee/.gorae/my cluster' })).toBe(
    '--cluster=/Users/Ann%20Lee/.gorae/my%20cluster',
  )
})
