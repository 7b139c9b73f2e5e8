/**
 * kill -9 at random moments of Pods' lives: the node's process, the server's, containerd, shims, containers, all at once.
 * `GORAE_FAULT_ROUNDS` asks for more rounds, `GORAE_FAULT_SEED` for others; a failure names its seed.
 * `GORAE_FAULT_REST` gives slow machines more seconds than 45 to come to rest.
 */

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { seededRandom } from '../../src/base/random.ts'
import { type Machine, openMachine } from '../e2e/machine.ts'
import { type Pod, type Round, type Seen, manifests, unfinished, violations } from './lives.ts'
import {
  type NodeState,
  containerPids,
  daemonPid,
  nodeOf,
  podRemains,
  shimPids,
  sideBySide,
  tasks,
} from './node-state.ts'
import { type Writer, startWriter } from './writer.ts'

const ROUNDS = Number(process.env.GORAE_FAULT_ROUNDS ?? 6)
const SEED = Number(process.env.GORAE_FAULT_SEED ?? 1)
const random = seededRandom(SEED)
/** Crash loops may wait 10 s, and stopped Pods have their grace. */
const REST_MS = 1000 * Number(process.env.GORAE_FAULT_REST ?? 45)

const ALL = ['node', 'containerd', 'shim', 'server', 'container', 'everything'] as const
type Victim = (typeof ALL)[number]
/** `GORAE_FAULT_VICTIMS=shim,server` looks into some only. */
const asked = process.env.GORAE_FAULT_VICTIMS?.split(',')
const VICTIMS = ALL.filter((victim) => asked?.includes(victim) ?? true)

let machine: Machine
let node: NodeState
let tally: string
let writer: Writer | undefined

beforeAll(async () => {
  machine = await openMachine()
  tally = join(machine.folder, 'tally')
  mkdirSync(tally)
  await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
  await machine.gorae(['up'])
  node = nodeOf(machine)
})
afterAll(() => machine.close())

const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random.next() * list.length)]
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function victims(victim: Victim): number[] {
  const one = (pid: number | undefined) => (pid === undefined ? [] : [pid])
  switch (victim) {
    case 'shim':
      return one(pick(shimPids(node)))
    case 'container':
      return one(pick(containerPids(node)))
    case 'everything':
      return (['server', 'node', 'containerd'] as const).flatMap((which) => one(daemonPid(node, which)))
    case 'node':
    case 'containerd':
    case 'server':
      return one(daemonPid(node, victim))
  }
}

function kill(victim: Victim): void {
  for (const pid of victims(victim)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it ended by itself a moment ago
    }
  }
}

/** Asks until there is an answer: the server may be on its way back. */
async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const deadline = performance.now() + REST_MS
  for (;;) {
    const { code, stdout, stderr } = await machine.kubectl(args, {
      mayFail: true,
      ...(input === undefined ? {} : { input }),
    })
    if (code === 0) return stdout
    if (performance.now() > deadline) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    await pause(200)
  }
}

async function look({ name }: Round): Promise<Seen> {
  const all = JSON.parse(await kubectl(['get', 'pods,jobs,deployments', '-l', `round=${name}`, '-o', 'json'])) as {
    items: (Pod & Seen['job'] & Seen['web'] & { kind: string })[]
  }
  const [job] = all.items.filter(({ kind }) => kind === 'Job')
  const [web] = all.items.filter(({ kind }) => kind === 'Deployment')
  return { pods: all.items.filter(({ kind }) => kind === 'Pod'), job: job ?? {}, web: web ?? {} }
}

/** What runs beyond what the API says runs, and the other way round. */
function disagreements({ pods }: Seen): string[] {
  const running = new Set(tasks(node).flatMap(({ id, status }) => (status === 'RUNNING' ? [id] : [])))
  const told = pods.flatMap(({ status }) =>
    (status.containerStatuses ?? []).flatMap(({ state, containerID = '' }) =>
      state?.running === undefined ? [] : [containerID.replace('containerd://', '')],
    ),
  )
  const sandboxes = pods.filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending').length
  return [
    ...told.filter((id) => !running.has(id)).map((id) => `the API says that ${id} runs`),
    ...(running.size === told.length + sandboxes
      ? []
      : [`${running.size} tasks for ${told.length} containers of ${sandboxes} Pods`]),
  ]
}

/** What the logs say last, for a failure that has to be understood. */
const logEnds = () =>
  [join(node.node, 'node.log'), join(node.node, 'containerd.log'), join(node.cluster, 'server.log')].flatMap((file) => [
    file,
    ...readFileSync(file, 'utf8').split('\n').slice(-25),
  ])

async function untilEmpty(words: () => string[] | Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + REST_MS
  for (;;) {
    let last: string[]
    try {
      last = await words()
    } catch (error) {
      last = [String(error)] // containerd is on its way back
    }
    if (last.length === 0) return last
    if (performance.now() > deadline) return [...last, ...logEnds()]
    await pause(250)
  }
}

test(
  `Pods end as their specs say, whatever is killed (${ROUNDS} rounds, seed ${SEED})`,
  { timeout: ROUNDS * (REST_MS + 15_000) },
  async () => {
    writer = startWriter(machine)
    for (let at = 0; at < ROUNDS; at++) {
      const round = { name: `r${at}`, tally }
      const victim = VICTIMS[at % VICTIMS.length] as Victim
      const twice = new Set<string>()
      const sampling = setInterval(() => {
        for (const words of sideBySide()) twice.add(words)
      }, 100)
      await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests(round) }))
      const title = `round ${at} of seed ${SEED}: ${victim}`
      for (let times = 1 + Math.floor(random.next() * 3); times > 0; times--) {
        await pause(random.next() * 1_200)
        kill(victim)
      }
      if (victim === 'everything') await machine.gorae(['up'])
      let seen: Seen | undefined
      const wrong = await untilEmpty(async () => {
        seen = await look(round)
        return [...unfinished(round, seen), ...disagreements(seen)]
      })
      clearInterval(sampling)
      expect({ title, wrong, twice: [...twice], violations: violations(round, seen as Seen) }).toEqual({
        title,
        wrong: [],
        twice: [],
        violations: [],
      })
      await kubectl(['delete', 'pods,jobs,deployments', '-l', `round=${round.name}`, '--wait=false'])
      expect({ title, left: await untilEmpty(() => podRemains(node)) }).toEqual({ title, left: [] })
    }
    const acknowledged = await writer.stop()
    const kept = new Set((await kubectl(['get', 'configmaps', '-o', 'name'])).split('\n'))
    expect(acknowledged.length).toBeGreaterThan(ROUNDS)
    expect(acknowledged.filter((name) => !kept.has(`configmap/${name}`))).toEqual([])
  },
)

test('after all that, down leaves nothing', async () => {
  await writer?.stop()
  await machine.gorae(['down'])
  expect(await machine.leftovers()).toEqual([])
})
