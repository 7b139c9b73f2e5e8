/**
 * Gives a real kube-scheduler (beside a real kube-apiserver) and this project's the same cases, and prints where what
 * they decide and say differs. Environment: KUBERNETES_ORIGIN, KUBERNETES_TOKEN and KUBERNETES_CA; ONLY is a part of
 * the cases' names; SEEDS is how many cases are made by chance.
 */

import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { createClient } from '../../../src/client/client.ts'
import { httpTransport } from '../../../src/client/http-transport.ts'
import { SERVICE_ACCOUNTS } from '../../../src/client/resources.ts'
import { hasReason } from '../../../src/meta/errors.ts'
import { createCluster } from '../../../src/testing/cluster.ts'
import { cases } from './cases.ts'
import { anyCase } from './chance.ts'
import { type Case, play } from './side.ts'

const { KUBERNETES_ORIGIN: server = 'https://127.0.0.1:7443', KUBERNETES_TOKEN: token = '' } = process.env
const ca = readFileSync(process.env['KUBERNETES_CA'] ?? 'ca.crt', 'utf8')
const only = process.env['ONLY'] ?? ''
const seeds = Number(process.env['SEEDS'] ?? 0)
const first = Number(process.env['FIRST'] ?? 1)

const transport = httpTransport({ server, ca, token: () => token })
const real = createClient(transport)
const cluster = await createCluster({ controllers: false })

const played = async (client: typeof real, wanted: Case) => {
  try {
    return await play(client, wanted)
  } catch (error) {
    return { failed: String(error) }
  }
}

/** A line for each thing that is told, with the names on the way to it. */
function linesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${JSON.stringify(value)}`]
  return Object.entries(value).flatMap(([key, inner]) => linesOf(inner, path === '' ? key : `${path}.${key}`))
}

const without = (lines: readonly string[], others: readonly string[]) => lines.filter((line) => !others.includes(line))

try {
  for (const side of [real, cluster.client])
    await side.create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace: 'default' } }).catch((error) => {
      if (!hasReason(error, 'AlreadyExists')) throw error
    })
  const byChance = Array.from({ length: seeds }, (_, at) => anyCase(first + at))
  const all = [...cases, ...byChance].filter(({ name }) => name.includes(only))
  let differing = 0
  for (const each of all) {
    const [theirs, ours] = await Promise.all([played(real, each), played(cluster.client, each)])
    if (isDeepStrictEqual(theirs, ours)) continue
    differing++
    process.stdout.write(`\n== ${each.name}\n`)
    const [left = [], right = []] = [theirs, ours].map((side) => linesOf(side))
    for (const line of without(left, right)) process.stdout.write(`- ${line}\n`)
    for (const line of without(right, left)) process.stdout.write(`+ ${line}\n`)
  }
  process.stdout.write(`${all.length} cases, ${differing} differ\n`)
  process.exitCode = differing === 0 ? 0 : 1
} finally {
  await cluster.stop()
  await transport.close()
}
