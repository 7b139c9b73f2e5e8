/** Writes ConfigMaps all the time, from inside the machine's network, and remembers which ones the server acknowledged. */

import { join } from 'node:path'

import type { Machine } from '../e2e/machine.ts'

const SCRIPT = `
const https = require('node:https'), fs = require('node:fs')
const [pki] = process.argv.slice(1)
const read = (name) => fs.readFileSync(pki + '/' + name)
const agent = new https.Agent({ keepAlive: true, ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') })
const write = (name) => new Promise((resolve) => {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
  const request = https.request({ host: '127.0.0.1', port: 6443, path: '/api/v1/namespaces/default/configmaps', method: 'POST', agent, timeout: 3000,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
    response.resume()
    if (response.statusCode === 201) console.log(name)
    response.once('close', resolve)
  })
  request.once('error', resolve)
  request.once('timeout', () => request.destroy(new Error('timeout')))
  request.end(body)
})
;(async () => {
  for (let n = 0; ; n++) {
    await write('written-' + n)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})()
`

export interface Writer {
  /** Ends it; the names of all objects whose creation was acknowledged. */
  stop(): Promise<readonly string[]>
}

export function startWriter(machine: Machine): Writer {
  const child = machine.spawn(process.execPath, ['-e', SCRIPT, join(machine.home, 'default/pki')])
  let text = ''
  let complaints = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  return {
    stop: () =>
      new Promise((resolve, reject) => {
        const settle = () =>
          complaints === '' ? resolve(text.split('\n').slice(0, -1)) : reject(new Error(complaints))
        if (child.exitCode !== null || child.signalCode !== null) return settle()
        child.once('close', settle)
        child.kill('SIGKILL')
      }),
  }
}
