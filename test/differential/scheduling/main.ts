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
    const [left, right] = [theirs, ours].map((side) => JSON.stringify(side, undefined, 1).split('\n'))
    for (const line of left ?? []) if (right?.includes(line) !== true) process.stdout.write(`- ${line.trim()}\n`)
    for (const line of right ?? []) if (left?.includes(line) !== true) process.stdout.write(`+ ${line.trim()}\n`)
  }
  process.stdout.write(`${all.length} cases, ${differing} differ\n`)
  process.exitCode = differing === 0 ? 0 : 1
} finally {
  await cluster.stop()
  await transport.close()
}
