/** Looks for requests that hold the API server's event loop: README.md says what may be told by the environment. */

import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import type { Ask } from '../differential/client.ts'
import { type Base, type Json, nameOf, pathOf, type Request } from '../differential/corpus.ts'
import { allBases } from '../differential/objects/all.ts'
import { filled, type Filling, fillingsOf, type Place, placesIn } from './bodies.ts'
import { serveWatched, startWatched, type Watched } from './server.ts'
import { type Asked, askedOf, VERSION } from './verbs.ts'

const list = (name: string): string[] => (process.env[name] ?? '').split(',').filter((part) => part !== '')
const only = list('ONLY')
const fields = list('FIELDS')
const shapes = list('SHAPES')
const verbs = list('VERBS')
const share = Number(process.env['SHARE'] ?? 1)
const salt = process.env['SALT'] ?? ''
const bound = Number(process.env['BOUND'] ?? 60)
const seconds = Number(process.env['SECONDS'] ?? Infinity)
const out = process.env['OUT']
const profiles = process.env['PROFILE'] !== undefined

const isAmong = (chosen: readonly string[], name: string) =>
  chosen.length === 0 || chosen.some((part) => name.includes(part))

/** The same each time, and another part with another salt. */
function isShared(id: string): boolean {
  return createHash('sha1').update(`${salt}${id}`).digest().readUInt32BE(0) / 2 ** 32 < share
}

/** The fillings of all objects that are asked about, in an order that has nothing to do with kinds. */
function chosenFillings(): { id: string; base: Base; place: Place; filling: string }[] {
  const chosen = []
  for (const base of allBases) {
    const { name, key } = base
    if (
      only.length > 0 &&
      !only.some((part) => part === name || key.endsWith(`/${part}`) || key.startsWith(`${part}/`))
    )
      continue
    for (const place of placesIn(base)) {
      const field = place.path.join('.')
      if (!isAmong(fields, field)) continue
      for (const filling of fillingsOf(place)) {
        const id = `${name} ${field} ${filling.name}`
        if (isAmong(shapes, filling.name) && isShared(id)) chosen.push({ id, base, place, filling: filling.name })
      }
    }
  }
  const order = new Map(chosen.map(({ id }) => [id, createHash('sha1').update(id).digest('hex')]))
  return chosen.toSorted((a, b) => (order.get(a.id)! < order.get(b.id)! ? -1 : 1))
}

/** What Kubernetes answers with a 500, too. */
const ANSWERED_500 =
  /etcdserver: request is too large|failed to create typed patch object|unable to convert unstructured object/

class Sweep {
  readonly #server: Watched
  readonly #ask: Ask
  asked = 0
  over = 0
  readonly failures = new Map<string, number>()

  constructor(server: Watched) {
    this.#server = server
    this.#ask = server.ask
  }

  async fill(id: string, base: Base, place: Place, filling: Filling): Promise<void> {
    for (const asked of askedOf(base, place, filling)) {
      if (!isAmong(verbs, asked.verb)) continue
      if (!(await this.#prepare(asked.on, base, place, filling))) continue
      const request = await this.#withVersion(asked.request, base)
      let status = 0
      let body = ''
      const { cpuMs, wallMs, spent } = await this.#server.during(async () => {
        ;({ status, body } = await this.#ask(request))
      })
      this.asked++
      if ((status >= 500 && !ANSWERED_500.test(body)) || status === 0) {
        this.failures.set(`${id}: ${asked.verb}: ${status} ${body.slice(0, 200)}`, status)
      }
      if (out !== undefined) appendFileSync(out, `${JSON.stringify({ id, verb: asked.verb, status, cpuMs, wallMs })}\n`)
      if (cpuMs < bound) continue
      this.over++
      console.log(`${cpuMs.toFixed(0)} ms (${wallMs.toFixed(0)} on the clock) ${status} ${asked.verb}: ${id}`)
      for (const line of spent ?? []) console.log(`    ${line}`)
    }
    await this.#gone(base)
  }

  /** Puts there what a request wants to find. Answers whether that could be done. */
  async #prepare(on: Asked['on'], base: Base, place: Place, filling: Filling): Promise<boolean> {
    if (base.review === true) return true
    await this.#gone(base)
    if (on === 'nothing') return true
    const send = (method: string, path: string, body: Json) =>
      this.#ask({ id: 'prepare', method, path, body: JSON.stringify(body) })
    const path = pathOf(base.key)
    if (on === 'small' || place.path[0] === 'status') {
      const { status } = await send('POST', `${path}?fieldManager=a`, base.object)
      if (status !== 201 || on === 'small') return status === 201
      const one = `${pathOf(base.key, nameOf(base))}/status?fieldManager=a`
      return (await send('PUT', one, filled(base.object, place, filling))).status === 200
    }
    const one = `${pathOf(base.key, nameOf(base))}?fieldManager=a`
    const large = filled(base.object, place, filling)
    const apply = { id: 'prepare', method: 'PATCH', path: one, body: JSON.stringify(large) }
    return (await this.#ask({ ...apply, type: 'application/apply-patch+yaml' })).status === 201
  }

  async #gone(base: Base): Promise<void> {
    if (base.review === true || base.dry === true) return
    const path = pathOf(base.key, nameOf(base))
    const { status } = await this.#ask({ id: 'gone', method: 'DELETE', path: `${path}?gracePeriodSeconds=0` })
    if (status === 404) return
    const body = '{"metadata":{"finalizers":null}}'
    await this.#ask({ id: 'gone', method: 'PATCH', path, body, type: 'application/merge-patch+json' })
  }

  async #withVersion(request: Request, base: Base): Promise<Request> {
    const { body } = request
    if (typeof body !== 'string' || !body.includes(VERSION)) return request
    const now = await this.#ask({ id: 'version', method: 'GET', path: pathOf(base.key, nameOf(base)) })
    const { metadata } = JSON.parse(now.body) as { metadata?: { resourceVersion?: string } }
    return { ...request, body: body.replace(VERSION, metadata?.resourceVersion ?? '') }
  }
}

async function main(): Promise<void> {
  const server = await startWatched(profiles)
  try {
    const made = [{ path: '/api/v1/namespaces', body: '{"metadata":{"name":"default"}}' }]
    made.push({ path: pathOf('v1/serviceaccounts'), body: '{"metadata":{"name":"default"}}' })
    for (const { path, body } of made) await server.ask({ id: 'ahead', method: 'POST', path, body })
    const sweep = new Sweep(server)
    const chosen = chosenFillings()
    const started = performance.now()
    let at = 0
    for (const { id, base, place, filling } of chosen) {
      if (performance.now() - started > seconds * 1_000) break
      at++
      const way = [...fillingsOf(place)].find(({ name }) => name === filling)!
      await sweep.fill(id, base, place, { name: filling, value: way.make() })
    }
    for (const failure of sweep.failures.keys()) console.log(`FAILED ${failure}`)
    const memory = (await server.memoryMiB()).toFixed(0)
    console.log(
      `${at} of ${chosen.length} fillings, ${sweep.asked} requests, ${sweep.over} over ${bound} ms, ${memory} MiB`,
    )
  } finally {
    await server.stop()
  }
}

await (process.argv[2] === 'serve' ? serveWatched() : main())
