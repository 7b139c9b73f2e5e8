import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, test } from 'vitest'

import { type Machine, openMachine } from '../e2e/machine.ts'
import { PROJECT, kubectlProgram } from '../e2e/setup.ts'

const HERE = join(PROJECT, 'test/observed')
const AREAS = ['api', 'pods', 'workloads'] as const
const A_QUARTER_HOUR_MS = 900_000

/** Scenarios whose answers need what gorae does not have yet, with what they wait for. They are not run. */
const WAITING: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(HERE, 'waiting.json'), 'utf8'))

interface Scenario {
  readonly name: string
}

/** The scenarios of an area that are to be answered now. */
function scenariosOf(area: string): readonly Scenario[] {
  const all = JSON.parse(readFileSync(join(HERE, `scenarios/${area}-open.json`), 'utf8')) as Scenario[]
  return all.filter(({ name }) => !Object.hasOwn(WAITING, name))
}

/** What the comparer says of one area: the names of scenarios that differ, with how. */
async function differences(expected: string, actual: string): Promise<ReadonlyMap<string, string>> {
  const compare = promisify(execFile)(process.execPath, [join(HERE, 'compare.mjs'), expected, actual, '--show', '1000'])
  const text = await compare.then(
    ({ stdout }) => stdout,
    (failure: { stdout: string }) => failure.stdout,
  )
  const found = new Map<string, string>()
  for (const part of text.split(/^✗ /m).slice(1)) {
    const [name = '', ...lines] = part.split('\n')
    found.set(name.trim(), lines.filter((line) => line.startsWith('     ')).join('\n'))
  }
  return found
}

/** kubectl 1.32 says so now and then of the greeting of a command, which it may read before it has its streams. */
const TOO_EARLY = /E\d{4} [\d:.]+ +\d+ websocket\.go:\d+\] Unknown stream id 1, discarding message\\n/g

// The areas side by side: most of their time is waiting.
describe.concurrent('the answers of a real Kubernetes', () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await openMachine()
    for (const name of ['busybox:1.29', 'busybox:latest', 'nginx:1.14-alpine']) {
      await machine.gorae(['image', 'make', name, '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    }
    await machine.gorae([
      'image',
      'make',
      'k8s.gcr.io/pause:3.2',
      '--from-binary',
      '/usr/bin/catatonit',
      '--cmd',
      '/bin/catatonit',
      '-P',
    ])
    await machine.gorae(['up'])
  })
  afterAll(() => machine.close())

  for (const area of AREAS) {
    const scenarios = scenariosOf(area)
    test(
      `are ours in the ${scenarios.length} scenarios on ${area}`,
      async ({ expect }) => {
        const [asked, answers] = [join(machine.folder, `${area}-asked.json`), join(machine.folder, `${area}.json`)]
        writeFileSync(asked, JSON.stringify(scenarios))
        const kubeconfig = join(machine.home, 'default/kubeconfig')
        const runner = [join(HERE, 'run.mjs'), kubeconfig, answers, asked, '--kubectl', kubectlProgram()]
        await machine.run(process.execPath, runner, { timeoutMs: A_QUARTER_HOUR_MS })
        writeFileSync(answers, readFileSync(answers, 'utf8').replaceAll(TOO_EARLY, ''))
        const different = await differences(join(HERE, `expected/${area}-open.json`), answers)
        const unexpected = [...different].filter(([name]) => !Object.hasOwn(WAITING, name))
        expect(unexpected.map(([name, how]) => `${name}\n${how}`)).toEqual([])
      },
      A_QUARTER_HOUR_MS,
    )
  }
})
