/** Requests made by chance over all verbs and resources: never a failure of the server, whatever they say. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { resourceFacts } from '../../api/generated/resources.ts'
import { systemClock } from '../../base/clock.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import { dice, objectByChance } from './chance-objects.ts'
import { type Hostile, type HostileRequest, startHostile } from './hostile-client.ts'

/** Another seed, and longer: FUZZ_SEED=7 FUZZ_MS=20000. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const BUDGET_MS = Number(process.env['FUZZ_MS'] ?? 3_000)
const MAX_CALLS = 5_000
const MIN_CALLS = 20

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const TYPES = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  '',
]
const WORDS = [
  '',
  'a',
  'default',
  'kube-system',
  '..',
  '%2e%2e',
  '%2f',
  '%00',
  '__proto__',
  'constructor',
  'status',
  'scale',
  'x'.repeat(300),
  '\u00fc',
  '-1',
  '0',
  '9999999999999999999',
  'NaN',
  'a=b',
  'a in (b,c)',
  '!a',
  '((((',
]
const FIELDS = [
  'metadata',
  'name',
  'namespace',
  'generateName',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'resourceVersion',
  'uid',
  'spec',
  'status',
  'data',
  'containers',
  'template',
  'selector',
  'matchLabels',
  'replicas',
  'volumes',
  'ports',
  'rules',
  'subjects',
  'op',
  'path',
  'value',
  'from',
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  'apiVersion',
  'kind',
  'toString',
]
const OPTIONS = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'timeout',
  'gracePeriodSeconds',
  'propagationPolicy',
  'pretty',
  'includeObject',
]

function maker(random: Random) {
  const below = (count: number) => Math.floor(random.next() * count)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  const value = (depth: number): unknown => {
    switch (below(depth > 4 ? 5 : 9)) {
      case 0:
        return pick(WORDS)
      case 1:
        return below(1_000) - 500
      case 2:
        return random.next() < 0.5
      case 3:
        return null
      case 4:
        return pick(['Always', '100m', '1Gi', '2026-01-01T00:00:00Z', '10s', 1e300, -0.5, 2 ** 53])
      case 5:
        return Array.from({ length: below(4) }, () => value(depth + 1))
      default:
        return object(depth + 1)
    }
  }
  const object = (depth: number): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: below(6) }, () => [pick(FIELDS), value(depth)]))
  const body = (kind: string, apiVersion: string): string | Buffer => {
    const chance = random.next()
    if (chance < 0.1) return Buffer.from(Array.from({ length: below(200) }, () => below(256)))
    if (chance < 0.2) {
      const bytes = [0x6b, 0x38, 0x73, 0, 0x0a, 0, 0x12, ...Array.from({ length: below(60) }, () => below(256))]
      return Buffer.from(bytes)
    }
    if (chance < 0.3) return JSON.stringify(value(0))
    if (chance < 0.4)
      return JSON.stringify(Array.from({ length: below(4) }, () => ({ op: 'add', path: '/spec', ...object(2) })))
    const whole = { apiVersion, kind, metadata: { name: pick(['a', 'b', 'c']) }, ...object(0) }
    const text = JSON.stringify(whole)
    return chance < 0.5 ? text.slice(0, below(text.length)) : text
  }
  const die = dice(random)
  /** A request that is sound as far as its path and form go, with an object of the right type. */
  const typed = (): HostileRequest => {
    const { group, version, resource, kind, type: typeKey, namespaced, subresources } = resourceAt(below(1_000))
    const apiVersion = group === '' ? version : `${group}/${version}`
    const object = { ...objectByChance(typeKey, die, pick([0, 0.01, 0.1])), apiVersion, kind }
    const name = pick(['a', 'b', 'c'])
    const metadata = {
      ...(die.is(0.3) ? objectByChance('meta/v1.ObjectMeta', die, 0.02) : {}),
      name,
      ...(namespaced ? { namespace: 'default' } : {}),
    }
    const base = `${group === '' ? '/api' : '/apis'}/${apiVersion}${namespaced ? '/namespaces/default' : ''}/${resource}`
    const method = pick(['POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE'])
    const sub = method !== 'POST' && subresources.length > 0 && die.is(0.3) ? `/${pick(subresources).name}` : ''
    const options = die.is(0.2) ? `?${pick(OPTIONS)}=${encodeURIComponent(pick(WORDS))}` : ''
    const path = `${base}${method === 'POST' ? '' : `/${name}${sub}`}${method === 'PATCH' ? '?fieldManager=f&force=true' : options}`
    const patches = TYPES.filter((candidate) => /merge-patch|apply-patch/.test(candidate))
    return {
      method,
      path,
      type: method === 'PATCH' ? pick(patches) : 'application/json',
      body: JSON.stringify({ ...object, metadata }),
    }
  }
  const wild = (): HostileRequest => {
    const { group, version, resource, kind } = resourceAt(below(1_000))
    const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const scope = random.next() < 0.7 ? `/namespaces/${pick(['default', ...WORDS])}` : ''
    const name = random.next() < 0.6 ? `/${pick(['a', 'b', 'c', ...WORDS])}` : ''
    const sub =
      random.next() < 0.2 ? `/${pick(['status', 'scale', 'eviction', 'binding', 'token', 'log', ...WORDS])}` : ''
    const query = Array.from({ length: below(3) }, () => `${pick(OPTIONS)}=${encodeURIComponent(pick(WORDS))}`)
    const path = `${base}${scope}/${resource}${name}${sub}`.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent)
    const method = pick(METHODS)
    const apiVersion = group === '' ? version : `${group}/${version}`
    return {
      method,
      path: query.length === 0 ? path : `${path}?${query.join('&')}`,
      ...(method === 'GET' || method === 'HEAD' ? {} : { type: pick(TYPES), body: body(kind, apiVersion) }),
    }
  }
  return () => (die.is(0.6) ? typed() : wild())
}

const all = Object.values(resourceFacts)
const resourceAt = (index: number) => all[index % all.length]!

/** What Kubernetes itself tells as 500: see the places that throw them. */
const TOLD_AS_500 =
  /resourceVersion should not be set|failed to create typed patch|failed to decode managed fields|unknown patch type|message":"(?:Binding \\"|\[?target\.)/

test(`no request made by chance makes the server fail (seed ${SEED})`, async () => {
  const next = maker(seededRandom(SEED))
  const until = systemClock.monotonic() + BUDGET_MS
  const failed: string[] = []
  let calls = 0
  // On a busy machine the budget is over before much was asked.
  for (; calls < MAX_CALLS && (calls <= MIN_CALLS || systemClock.monotonic() < until); calls++) {
    const request = next()
    // oxlint-disable-next-line no-await-in-loop -- each acts on what those before it left
    const { status, body, stallMs } = await server.ask(request)
    const isFailure =
      status !== 'closed' && status >= 500 && (body.includes('Internal error') || !TOLD_AS_500.test(body))
    if (isFailure || stallMs > 500) {
      failed.push(`${stallMs.toFixed()} ms ${status} ${JSON.stringify(request).slice(0, 600)} → ${body.slice(0, 300)}`)
    }
  }
  expect(failed.slice(0, 10)).toEqual([])
  expect(server.failures).toEqual([])
  expect(calls).toBeGreaterThan(MIN_CALLS)
}, 60_000)
