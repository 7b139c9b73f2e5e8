/** Twenty Pods at once beside twenty times the bare CRI calls, and how soon the death of a container is known. */

import { readFileSync, readdirSync } from 'node:fs'

import { isPodReady } from '../../src/api/core/v1/pod/facts.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { Client } from '../../src/client/client.ts'
import { PODS } from '../../src/client/resources.ts'
import { type Tell, median, tell } from '../figure.ts'
import { bareCriPod } from './bare-cri.ts'

const COUNT = 20
const ROUNDS = 3
const IMAGE = 'busybox'
/** How long the containers sleep: what tells one that is to be killed from all others. */
const SECONDS = 3_600
const MORTAL_SECONDS = 31_415

const aPod = (name: string, seconds = SECONDS) => ({
  metadata: { name, namespace: 'default' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      { name: 'c', image: IMAGE, imagePullPolicy: 'IfNotPresent' as const, command: ['sleep', String(seconds)] },
    ],
  },
})

const AT_ONCE = `${COUNT} Pods at once, from create to all Ready (median of ${ROUNDS})`

export async function measureManyPods(client: Client, socket: string): Promise<void> {
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    const each = Array.from({ length: COUNT }, (_, index) => bareCriPod(socket, `many-${round}-${index}`, IMAGE))
    // What it takes to take them away again is not measured: each tells what it took itself.
    bare.push(Math.max(...(await Promise.all(each))))
    ours.push(await podsAtOnce(client, round))
  }
  tell({ what: `${COUNT} Pods at once by bare CRI calls (median of ${ROUNDS})`, value: median(bare), unit: 'ms' })
  tell({ what: AT_ONCE, value: median(ours), unit: 'ms' })
  const ratio = median(ours) / median(bare)
  tell({ what: 'ratio of both', value: ratio, unit: '×', goal: 1.5, goalIs: 'atMost' })
  await measureDeath(client, tell)
}

/** The same by a real kubelet, which ends what others have started in its containerd: no bare CRI calls. */
export async function measureManyPodsOf(client: Client, tell: Tell): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await podsAtOnce(client, round))
  tell({ what: AT_ONCE, value: median(times), unit: 'ms' })
  await measureDeath(client, tell)
}

async function podsAtOnce(client: Client, round: number): Promise<number> {
  const names = Array.from({ length: COUNT }, (_, index) => `many-${round}-${index}`)
  const waiting = new Set(names)
  const stop = new AbortController()
  const begin = performance.now()
  await Promise.all(names.map((name) => client.create(PODS, aPod(name))))
  const options = { namespace: 'default', resourceVersion: '0' }
  for await (const { object } of client.watch(PODS, options, stop.signal)) {
    if (isPodReady(object)) waiting.delete(object.metadata.name ?? '')
    if (waiting.size === 0) break
  }
  const took = performance.now() - begin
  stop.abort()
  await Promise.all(names.map((name) => client.delete(PODS, { namespace: 'default', name })))
  while ((await client.list(PODS, { namespace: 'default' })).items.length > 0) await systemClock.sleep(50)
  return took
}

/** From the kill of a container's process to the status that tells of it. */
async function measureDeath(client: Client, tell: Tell): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const name = `mortal-${round}`
    const stop = new AbortController()
    let killed: number | undefined
    await client.create(PODS, aPod(name, MORTAL_SECONDS + round))
    for await (const { object } of client.watch(PODS, { namespace: 'default', resourceVersion: '0' }, stop.signal)) {
      if (object.metadata.name !== name) continue
      const { restartCount = 0, state } = object.status?.containerStatuses?.[0] ?? {}
      if (killed !== undefined && (restartCount > 0 || state?.terminated !== undefined)) break
      if (killed !== undefined || !isPodReady(object)) continue
      const pid = sleeper(MORTAL_SECONDS + round)
      killed = performance.now()
      process.kill(pid, 'SIGKILL')
    }
    times.push(performance.now() - (killed ?? 0))
    stop.abort()
    await client.delete(PODS, { namespace: 'default', name })
    while ((await client.list(PODS, { namespace: 'default' })).items.length > 0) await systemClock.sleep(50)
  }
  tell({
    what: `from a container's death to the status that tells of it (median of ${ROUNDS})`,
    value: median(times),
    unit: 'ms',
    goal: 100,
    goalIs: 'atMost',
  })
}

function sleeper(seconds: number): number {
  const pid = readdirSync('/proc').find((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8') === `sleep\0${seconds}\0`
    } catch {
      return false
    }
  })
  if (pid === undefined) throw new Error('the container does not run')
  return Number(pid)
}
