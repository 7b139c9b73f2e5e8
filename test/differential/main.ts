/**
 * Asks a real kube-apiserver and this project's the same questions, and prints where the answers differ.
 * Environment: KUBERNETES_ORIGIN and KUBERNETES_TOKEN say where the real one is; ONLY is a part of what is asked.
 */

import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { askerOf, type Answer, type Ask } from './client.ts'
import { differences, normal } from './compare.ts'
import { type Base, creation, isChanged, nameOf, pathOf, type Request, requestsOf, VERSION } from './corpus.ts'
import { allBases } from './objects/all.ts'
import { discoveryRequests, openApiRequests, tableRequests } from './reads.ts'
import { startOurs } from './ours.ts'
import { Report } from './report.ts'
import { ownership, wayRequests } from './ways.ts'

const {
  KUBERNETES_ORIGIN: origin = 'https://127.0.0.1:7443',
  KUBERNETES_TOKEN: token = '',
  CACHE: cache,
  OUT: out,
} = process.env
const only = (process.env['ONLY'] ?? '').split(',').filter((part) => part !== '')
const kinds = new Set((process.env['KINDS'] ?? 'create,update,status').split(','))
const LIMIT = Number(process.env['LIMIT'] ?? 40)

/** Remembers what the real one said, for the next run. */
function remembering(ask: Ask, file: string | undefined): { ask: Ask; save(): void; knows(request: Request): boolean } {
  if (file === undefined) return { ask, save: () => {}, knows: () => false }
  const known: Record<string, Answer> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return {
    async ask(request) {
      const key = JSON.stringify(request)
      return (known[key] ??= await ask(request))
    },
    knows: (request) => JSON.stringify(request) in known,
    save: () => writeFileSync(file, JSON.stringify(known)),
  }
}

const serviceAccount: Request = {
  id: 'sa',
  method: 'POST',
  path: pathOf('v1/serviceaccounts'),
  body: JSON.stringify({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'default' },
  }),
}

const ours = await startOurs()
const live = askerOf(origin, { token })
for (const ask of [ours.ask, live]) {
  await ask({ id: 'ns', method: 'POST', path: '/api/v1/namespaces', body: '{"metadata":{"name":"default"}}' })
  await ask(serviceAccount)
  await ask({ id: 'class', method: 'DELETE', path: '/apis/storage.k8s.io/v1/storageclasses/standard' })
}
if (out !== undefined) rmSync(out, { force: true })
if (cache !== undefined) mkdirSync(cache, { recursive: true })
let asked = 0
let differing = 0
/** Those that differ when they are asked plainly, too. */
let plainly = 0
const chosen = allBases.filter(
  ({ name, key }) =>
    only.length === 0 || only.some((part) => name === part || key.endsWith(`/${part}`) || key.startsWith(`${part}/`)),
)
for (const base of chosen)
  await ask(
    base.name,
    [...requestsOf(base, kinds), ...wayRequests(base, kinds)].filter(({ id }) => isChosen(id)),
    base,
  )
if (kinds.has('reads')) {
  await ask('tables', tableRequests(chosen))
  await ask('discovery', discoveryRequests())
  await ask('openapi', openApiRequests())
}
console.log(`${asked} requests, ${differing} answers differ, ${plainly} more as in JSON creates and updates`)
await ours.close()
process.exit(0)

/** Asks both, after the object that the requests are bred from was really made, and prints what differs. */
async function ask(name: string, requests: Request[], base?: Base): Promise<void> {
  const real = remembering(live, cache === undefined ? undefined : `${cache}/${name}.json`)
  const report = new Report()
  let shown = 0
  let count = 0
  let versions = ['', '']
  const both = async (request: Request) => {
    const [x, y] = versions.map((version) => withVersion(request, version)) as [Request, Request]
    const [a, b] = await Promise.all([real.ask(x), ours.ask(y)])
    if ([`${name} create`, `${name} apply`].includes(request.id)) versions = [a, b].map(versionOf)
    return [normal(a), normal(b)] as const
  }
  const compare = async (request: Request) => {
    const [a, b] = await both(request)
    const found = differences(a, b)
    asked++
    count++
    if (found.length === 0) return
    for (const plain of request.plain?.() ?? []) {
      if (differences(...(await both(plain))).length === 0) continue
      plainly++
      return
    }
    differing++
    shown++
    report.add(request, a, b, found)
  }
  if (base !== undefined && base.dry !== true && base.review !== true) {
    const create = creation(base)
    if (!real.knows(create)) await clean(base)
    await compare(create)
    if (kinds.has('reapply') && isChanged(base)) await compare(ownership(base))
  }
  const workers = Array.from({ length: 4 }, async () => {
    for (let next = requests.shift(); next !== undefined; next = requests.shift()) await compare(next)
  })
  await Promise.all(workers)
  real.save()
  report.print(LIMIT)
  if (out !== undefined)
    for (const found of report.all) appendFileSync(out, `${JSON.stringify({ base: name, ...found })}\n`)
  console.log(`== ${name}: ${count} asked, ${shown} differ`)
}

/** The request about the object in the version that a server has given it. */
function withVersion(request: Request, version: string): Request {
  const { body } = request
  return typeof body === 'string' && body.includes(VERSION)
    ? { ...request, body: body.replace(VERSION, version) }
    : request
}

function versionOf({ body }: Answer): string {
  return /"resourceVersion":"(\d+)"/.exec(body)?.[1] ?? ''
}

/** Takes away what an earlier run left. */
async function clean(base: Base): Promise<void> {
  const path = pathOf(base.key, nameOf(base))
  const body = '{"metadata":{"finalizers":null}}'
  await live({ id: 'free', method: 'PATCH', path, body, type: 'application/merge-patch+json' })
  await live({ id: 'clean', method: 'DELETE', path: `${path}?gracePeriodSeconds=0&propagationPolicy=Background` })
}

/** A share of the requests, the same each time: SHARE=0.2. Another SALT chooses others. */
function isChosen(id: string): boolean {
  const share = Number(process.env['SHARE'] ?? 1)
  return (
    share >= 1 ||
    createHash('sha1')
      .update(`${process.env['SALT'] ?? ''}${id}`)
      .digest()
      .readUInt32BE() /
      2 ** 32 <
      share
  )
}
