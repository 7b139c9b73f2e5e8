/**
 * Asks a real kube-apiserver and this project's the same scripts of requests, and prints where status, headers, body or
 * watch events differ. Environment: KUBERNETES_ORIGIN and KUBERNETES_TOKEN; ONLY is a part of the scripts' names.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Ask, askerOf } from '../client.ts'
import { protobuf } from '../../../src/server/http/answer/encode.ts'
import { differences, normal } from '../compare.ts'
import { startOurs } from '../ours.ts'
import { alone, apart } from './all.ts'
import { type Script, type Step, valueAt } from './script.ts'

interface Side {
  readonly admin: Ask
  readonly nobody: Ask
}

const { KUBERNETES_ORIGIN: origin = 'https://127.0.0.1:7443', KUBERNETES_TOKEN: token = '' } = process.env
const only = process.env['ONLY'] ?? ''
const run = Date.now().toString(36)

const ours = await startOurs()
const sides: readonly [Side, Side] = [
  { admin: askerOf(origin, { token }), nobody: askerOf(origin, {}) },
  { admin: ours.ask, nobody: askerOf(ours.origin, {}) },
]
for (const { admin } of sides) {
  await admin({ id: '', method: 'DELETE', path: '/apis/storage.k8s.io/v1/storageclasses/standard' })
}
let asked = 0
let differing = 0
let played = 0
const isMeant = ({ name }: Script) => only.split(',').some((part) => name.includes(part))
const rest = apart.filter(isMeant)
const workers = Array.from({ length: 6 }, async () => {
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) await compare(next, `s${run}-${played++}`)
})
await Promise.all(workers)
for (const next of alone.filter(isMeant)) await compare(next, `s${run}-${played++}`)
console.log(`${asked} requests, ${differing} answers differ`)
await ours.close()
process.exit(differing === 0 ? 0 : 1)

async function compare({ name, steps }: Script, namespace: string): Promise<void> {
  const [real, own] = await Promise.all(sides.map((side) => play(side, steps, namespace)))
  for (const [index, step] of steps.entries()) {
    const found = differences(real![index], own![index])
    asked++
    if (found.length === 0) continue
    differing++
    console.log(`✗ ${name} [${index}] ${step.method} ${step.path}`)
    for (const { path, real, ours } of found.slice(0, 12))
      console.log(`    ${path}\n        real ${text(real)}\n        ours ${text(ours)}`)
  }
}

async function play(side: Side, steps: readonly Step[], namespace: string): Promise<unknown[]> {
  const vars = new Map([['NS', namespace]])
  const told: unknown[] = []
  await side.admin(asRequest({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: '$NS' } } }, vars))
  const accounts = '/api/v1/namespaces/$NS/serviceaccounts'
  await side.admin(asRequest({ method: 'POST', path: accounts, body: { metadata: { name: 'default' } } }, vars))
  for (const step of steps) {
    if (step.waitMs !== undefined) await sleep(step.waitMs)
    const ask = step.anonymous === true ? side.nobody : side.admin
    const answer = await ask(asRequest(step, vars))
    for (const [as, path] of Object.entries(step.save ?? {})) vars.set(as, valueAt(answer, path))
    told.push(tellable(answer, step, vars))
  }
  await side.admin(asRequest({ method: 'DELETE', path: '/api/v1/namespaces/$NS' }, vars))
  return told
}

function asRequest(step: Step, vars: ReadonlyMap<string, string>) {
  const { method, type, accept, headers, body, raw } = step
  const put = (text: string) => text.replace(/\$([A-Z][A-Z0-9]*)/g, (whole, name: string) => vars.get(name) ?? whole)
  const written = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  if (step.isProtobuf === true) return asProtobuf(step, put)
  return {
    id: '',
    method,
    path: put(step.path),
    ...(written === undefined ? {} : { body: put(written) }),
    ...(type !== undefined || method !== 'PATCH' ? {} : { type: 'application/merge-patch+json' }),
    ...(type === undefined ? {} : { type }),
    ...(accept === undefined ? {} : { accept }),
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, put(value)])) }),
  }
}

function asProtobuf({ method, path, body, accept }: Step, put: (text: string) => string) {
  const object = JSON.parse(put(JSON.stringify(body))) as Record<string, unknown>
  const type = 'application/vnd.kubernetes.protobuf'
  return {
    id: '',
    method,
    path: put(path),
    body: protobuf.encode(object),
    type,
    ...(accept === undefined ? {} : { accept }),
  }
}

/** An answer without what differs by nature; a watch as the list of its events. */
function tellable(answer: Answer, step: Step, vars: ReadonlyMap<string, string>): unknown {
  const { headers, status } = answer
  if (step.unread === true) return { status, headers }
  // A revision may look like a status.
  const known = [...vars].filter(([name, value]) => name !== 'NS' && value.length > 1 && !/^[2-5]\d\d$/.test(value))
  let body = answer.body
  for (const [name, value] of known) body = body.replaceAll(new RegExp(`\\b${value}\\b`, 'g'), `$${name}`)
  body = body
    .replace(/(\\*)"resourceVersion\1":\1"[^"\\]*\1"/g, '$1"resourceVersion$1":$1"<rv>$1"')
    .replace(/"continue":"[^"]+"/g, '"continue":"<continue>"')
    .replace(/"(\d+[smh])+"/g, '"<age>"')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
  const isWatch = /[?&]watch=/.test(step.path) && status === 200
  if (!isWatch) return { headers, ...(normal({ ...answer, body }) as object) }
  const events = body.split('\n').filter((line) => line !== '')
  return { status, headers, events: events.map((line) => normal({ ...answer, type: 'json', body: line })) }
}

function text(value: unknown): string {
  const written = value === undefined ? '-' : JSON.stringify(value)
  return written.length > 900 ? `${written.slice(0, 900)}…` : written
}
