import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  lstatSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mergeKubeconfig, readKubeconfig, removeFromKubeconfig, writeKubeconfig } from './kubeconfig.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-kubeconfig-'))
  file = join(folder, '.kube', 'config')
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
  test('is written for its owner alone, and read back', async () => {
    await writeKubeconfig(file, access)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await readKubeconfig(file)).toEqual(access)
    expect(readdirSync(join(folder, '.kube'))).toEqual(['config'])
  })

  test('is merged into an absent or empty file', async () => {
    await mergeKubeconfig(file, access)
    expect(await readKubeconfig(file)).toEqual(access)
    writeFileSync(file, '\n')
    await mergeKubeconfig(file, access)
    expect(await readKubeconfig(file)).toEqual(access)
  })

  test('is merged beside others, which stay to the last comment, and taken out again', async () => {
    await writeKubeconfig(file, access)
    writeFileSync(file, others)
    await mergeKubeconfig(file, access)
    await mergeKubeconfig(file, { ...access, server: 'https://127.0.0.1:7443' })
    expect((await readKubeconfig(file)).server).toBe('https://127.0.0.1:7443')
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('# clusters at work')
    expect(text).toContain('# the big one')
    expect(text.match(/gorae-default/g)).toHaveLength(6)
    expect(await removeFromKubeconfig(file, 'gorae-default')).toBe(true)
    expect(readFileSync(file, 'utf8')).not.toContain('gorae')
    expect(readFileSync(file, 'utf8')).toContain('helper')
    expect(await removeFromKubeconfig(file, 'gorae-default')).toBe(false)
  })

  test('leaves the current context alone when told to', async () => {
    await writeKubeconfig(file, access)
    writeFileSync(file, others)
    writeFileSync(join(folder, '.kube', 'ca.pem'), 'their ca')
    await mergeKubeconfig(file, access, false)
    expect(await readKubeconfig(file)).toEqual({
      name: 'work',
      server: 'https://work.example',
      ca: 'their ca',
      token: 'abc',
      namespace: 'team',
    })
  })

  test('that is a link stays one', async () => {
    const real = join(folder, 'real')
    writeFileSync(real, others)
    await writeKubeconfig(file, access)
    rmSync(file)
    symlinkSync(real, file)
    await mergeKubeconfig(file, access)
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
    expect(readFileSync(real, 'utf8')).toContain('gorae-default')
  })

  test('that cannot be understood is left as it is', async () => {
    await writeKubeconfig(file, access)
    for (const text of ['{ half', '- a list', 'text']) {
      writeFileSync(file, text)
      await expect(mergeKubeconfig(file, access)).rejects.toThrow(file)
      expect(readFileSync(file, 'utf8')).toBe(text)
    }
  })

  test('that lacks what is asked for says what', async () => {
    await writeKubeconfig(file, access)
    await expect(readKubeconfig(file, 'other')).rejects.toThrow('no context named "other"')
    writeFileSync(file, 'apiVersion: v1\n')
    await expect(readKubeconfig(file)).rejects.toThrow('names no current-context')
  })
})
