import {
  chownSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'

import { systemClock } from '../base/clock.ts'
import { kubeconfigText } from '../client/kubeconfig.ts'
import { authorityIn, editUserKubeconfig, mergeContext, removeContext } from './user-kubeconfig.ts'

const content = {
  name: 'gorae-default',
  server: 'https://127.0.0.1:6443',
  ca: 'CA',
  certificate: 'CERT',
  key: 'KEY',
}
const others = `# my clusters
apiVersion: v1
kind: Config
current-context: work
clusters:
  - name: work # the one at work
    cluster:
      server: https://work.example
users: []
contexts:
  - name: work
    context: { cluster: work, user: me }
preferences: {}
`

let dir = ''
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'gorae-kubeconfig-'))))
afterEach(() => rmSync(dir, { recursive: true }))

test('a context is merged beside others, keeps their comments, and becomes the current one', () => {
  const merged = mergeContext(others, content)
  expect(merged).toContain('# the one at work')
  const config = parse(merged)
  expect(config.clusters.map((entry: { name: string }) => entry.name)).toEqual(['work', 'gorae-default'])
  expect(config['current-context']).toBe('gorae-default')
  expect(config.users[0].user['client-key-data']).toBe(Buffer.from('KEY').toString('base64'))
})

test('merging again replaces the entries; removing takes them out and touches nothing else', () => {
  const twice = mergeContext(mergeContext(others, content), { ...content, server: 'https://127.0.0.1:7000' })
  expect(parse(twice).clusters).toHaveLength(2)
  expect(parse(twice).clusters[1].cluster.server).toBe('https://127.0.0.1:7000')
  const removed = parse(removeContext(twice, 'gorae-default'))
  expect(removed).toEqual({ ...parse(others), 'current-context': '' })
})

test('removing leaves the current context alone when it is another', () => {
  const elsewhere = mergeContext(others, content).replace('current-context: gorae-default', 'current-context: work')
  expect(parse(removeContext(elsewhere, 'gorae-default'))['current-context']).toBe('work')
})

test('only the context of the cluster with that authority is removed, where it is asked for', () => {
  const merged = mergeContext(others, content)
  expect(removeContext(merged, 'gorae-default', ['another CA'])).toBe(merged)
  expect(removeContext(merged, 'gorae-other', ['CA'])).toBe(merged)
  expect(removeContext(merged, 'gorae-default', [])).toBe(merged)
  expect(authorityIn(merged, 'gorae-default')).toBe('CA')
  expect(removeContext(merged, 'gorae-default', ['another CA', 'CA'])).toBe(removeContext(merged, 'gorae-default'))
})

test("the cluster's own file is a whole kubeconfig", () => {
  expect(parse(kubeconfigText(content))).toEqual(parse(mergeContext('', content)))
})

test('a file that is no kubeconfig is refused', () => {
  for (const text of ['- a', '{', 'just text']) expect(() => mergeContext(text, content)).toThrow('no kubeconfig')
})

const merge = (path: string, name = content.name) =>
  editUserKubeconfig(path, systemClock, (text) => mergeContext(text, { ...content, name }))

test('many edits at once lose nothing, and the file is private', async () => {
  const path = join(dir, 'sub', 'config')
  const names = Array.from({ length: 5 }, (_, at) => `c${at}`)
  await Promise.all(names.map((name) => merge(path, name)))
  expect(parse(readFileSync(path, 'utf8')).contexts).toHaveLength(5)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(dir, 'sub'))).toEqual(['config'])
})

test('a file that is a link stays one', async () => {
  const [path, real] = [join(dir, 'config'), join(dir, 'real')]
  writeFileSync(real, others)
  symlinkSync(real, path)
  await merge(path)
  expect(lstatSync(path).isSymbolicLink()).toBe(true)
  expect(readFileSync(real, 'utf8')).toContain('gorae-default')
})

test('a file that cannot be understood is named and left as it is', async () => {
  const path = join(dir, 'config')
  writeFileSync(path, '{ half')
  await expect(merge(path)).rejects.toThrow(path)
  expect(readFileSync(path, 'utf8')).toBe('{ half')
})

test.runIf(process.getuid?.() === 0)('a file that root changes stays that of its user', async () => {
  const path = join(dir, 'config')
  writeFileSync(path, others)
  chownSync(path, 1000, 1001)
  await merge(path)
  expect(statSync(path)).toMatchObject({ uid: 1000, gid: 1001 })
})
