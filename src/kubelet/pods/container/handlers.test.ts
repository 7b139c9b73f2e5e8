import { expect, test } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { aContainer } from '../fixtures.ts'
import { type HandlerDeps, runHook, runProbe } from './handlers.ts'

const ENV = [
  { name: 'PORT', value: '80' },
  { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
]
const target = { container: aContainer('app', { env: ENV }), containerId: 'c1', podIp: '10.0.0.2' }
const exec = { command: ['sh', '-c', 'kill $$(cat x) $(PORT) [$(IP)] $(NONE)'] }

/** The commands that were run. */
function recording() {
  const commands: (readonly string[])[] = []
  const runtime: HandlerDeps['runtime'] = {
    execSync(_, command) {
      commands.push(command)
      return Promise.resolve({ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), exitCode: 0 })
    },
  }
  const nobody = () => Promise.reject(new Error('nobody is there'))
  const network = { tcp: nobody, http: nobody, grpc: nobody }
  return { commands, deps: { runtime, network, clock: new ManualClock(0) } }
}

test("a probe's command knows the values that the spec gives to variables", async () => {
  const { commands, deps } = recording()
  await runProbe({ exec }, target, deps, new AbortController().signal)
  expect(commands).toEqual([['sh', '-c', 'kill $(cat x) 80 [] $(NONE)']])
})

test("a hook's command is run as it is written", async () => {
  const { commands, deps } = recording()
  await runHook({ exec }, target, deps, new AbortController().signal)
  expect(commands).toEqual([exec.command])
})
