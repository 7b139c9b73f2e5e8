import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { linkLog, unlinkLog, unlinkLogs } from './log-links.ts'

let root: string
let links: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'log-links-'))
  links = path.join(root, 'containers')
  await mkdir(links)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const podOf = (uid: string, name = 'web') => ({ namespace: 'default', name, uid })
const folderOf = ({ namespace, name, uid }: ReturnType<typeof podOf>) =>
  path.join(root, 'pods', `${namespace}_${name}_${uid}`)

async function logged(pod: ReturnType<typeof podOf>, id: string, text = ''): Promise<void> {
  const file = path.join(folderOf(pod), 'app', '0.log')
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  await linkLog(links, { pod, container: 'app', id, file })
}

test('a log is found under a name that tells Pod, namespace, container and id', async () => {
  await logged(podOf('u1'), 'c1', 'hello')
  expect(await readdir(links)).toEqual(['web_default_app-c1.log'])
  expect(await readFile(path.join(links, 'web_default_app-c1.log'), 'utf8')).toBe('hello')
})

test('linking twice is linking once', async () => {
  await logged(podOf('u1'), 'c1')
  await logged(podOf('u1'), 'c1')
  expect(await readdir(links)).toHaveLength(1)
})

test('a name too long for the file system is cut', async () => {
  await logged(podOf('u1', 'n'.repeat(180)), 'c'.repeat(90))
  expect((await readdir(links)).map((name) => name.length)).toEqual([255])
})

test('a container that is taken away takes its link along, and nobody else’s', async () => {
  await logged(podOf('u1'), 'c1')
  await logged(podOf('u1'), 'c2')
  await unlinkLog(links, 'c1')
  expect(await readdir(links)).toEqual(['web_default_app-c2.log'])
})

test('a Pod that is gone leaves no links, but its namesake keeps its own', async () => {
  await logged(podOf('u1'), 'c1')
  await logged(podOf('u2'), 'c2')
  await unlinkLogs(links, folderOf(podOf('u1')))
  expect(await readdir(links)).toEqual(['web_default_app-c2.log'])
})
