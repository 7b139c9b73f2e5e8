import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kubeconfigText, readKubeconfig } from './kubeconfig.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-kubeconfig-'))
  file = join(folder, 'config')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const access = {
  name: 'gorae-default',
  server: 'https://127.0.0.1:6443',
  ca: '-----BEGIN CERTIFICATE-----\nca\n',
  certificate: '-----BEGIN CERTIFICATE-----\nme\n',
  key: '-----BEGIN PRIVATE KEY-----\nmine\n',
}

const others = `# clusters at work
apiVersion: v1
kind: Config
current-context: work
clusters:
  - name: work # the big one
    cluster: { server: 'https://work.example', certificate-authority: ca.pem }
users:
  - name: me
    user: { token: abc, exec: { command: helper } }
contexts:
  - name: work
    context: { cluster: work, user: me, namespace: team }
extensions: [{ name: ours, extension: 1 }]
`

describe('a kubeconfig', () => {
  test('is written and read back', async () => {
    writeFileSync(file, kubeconfigText(access))
    expect(await readKubeconfig(file)).toEqual(access)
  })

  test('has one of several contexts read, with the files beside it', async () => {
    writeFileSync(file, others)
    writeFileSync(join(folder, 'ca.pem'), 'their ca')
    const work = { name: 'work', server: 'https://work.example', ca: 'their ca', token: 'abc', namespace: 'team' }
    expect(await readKubeconfig(file)).toEqual(work)
    expect(await readKubeconfig(file, 'work')).toEqual(work)
  })

  const wrong = [
    { text: others, context: 'other', says: 'no context named "other"' },
    { text: others.replace('user: me', 'user: you'), says: 'no user named "you"' },
    { text: others.replace('server:', 'at:'), says: 'the cluster of context "work"' },
    { text: 'apiVersion: v1\n', says: 'names no current-context' },
    { text: '{ half', says: 'is no YAML' },
    { text: '- a list', says: 'is no kubeconfig' },
  ]
  for (const { text, context, says } of wrong) {
    test(`that cannot be used says why: ${says}`, async () => {
      writeFileSync(file, text)
      await expect(readKubeconfig(file, context)).rejects.toThrow(says)
    })
  }
})
