import { describe, expect, test } from 'vitest'

import type { PodSpec } from '../../api/generated/core-v1.ts'
import { aContainer, aPod, aSandbox, observedPod, seen } from './fixtures.ts'
import { NOTHING_OBSERVED, type ObservedPod } from './observed.ts'
import { isLastOf, type PlanFacts, planPod, type PodAction, restartsAfter } from './plan.ts'

const FACTS: PlanFacts = {
  isStarted: () => true,
  failedProbe: () => undefined,
  needsRestart: () => false,
  isStoppedToRestart: () => false,
  firstAttempt: () => 0,
  backOff: () => 0,
  heldBack: () => 0,
}

/** An action in a few words. */
function brief(action: PodAction): string {
  switch (action.do) {
    case 'finish':
      return 'finish'
    case 'create-sandbox':
      return `sandbox ${action.attempt}`
    case 'stop-sandbox':
      return `stop ${action.id}`
    case 'start-container':
      return `start ${action.container.spec.name} ${action.attempt}`
    case 'stop-container':
      return `stop ${action.container.spec.name}: ${action.why}`
    case 'reset':
      return `reset ${action.containers.map(({ id }) => id).join(' ')}`
    case 'back-off':
    case 'hold':
      return `${action.do} ${action.container.spec.name} ${action.ms}`
  }
}

interface Case {
  readonly when: string
  readonly spec?: Partial<PodSpec>
  readonly observed: ObservedPod
  readonly facts?: Partial<PlanFacts>
  readonly does: readonly string[]
}

const two = { containers: [aContainer('app'), aContainer('log')] }
const withInit = { initContainers: [aContainer('i1'), aContainer('i2')] }
const withSidecar = { initContainers: [aContainer('proxy', { restartPolicy: 'Always' }), aContainer('i2')] }
/** Starts again by itself after a 7, and with all others after a 42. */
const askingForAll = aContainer('app', {
  restartPolicy: 'Never',
  restartPolicyRules: [
    { action: 'Restart', exitCodes: { operator: 'In', values: [7] } },
    { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [7, 42] } },
  ],
})
const dead = aSandbox({ state: 'SANDBOX_NOTREADY' })

const CASES: readonly Case[] = [
  { when: 'nothing is there', observed: NOTHING_OBSERVED, does: ['sandbox 0', 'start app 0'] },
  { when: 'only the sandbox is there', spec: two, observed: observedPod([]), does: ['start app 0', 'start log 0'] },
  {
    when: 'the runtime has lost what was told to have run twice',
    observed: observedPod([]),
    facts: { firstAttempt: () => 2 },
    does: ['start app 2'],
  },
  {
    when: 'nobody knows what became of the container',
    spec: { restartPolicy: 'Never' },
    observed: observedPod([seen('app', 'unknown')]),
    does: ['stop app: unknown'],
  },
  {
    when: 'nobody knows what became of an init container',
    spec: withInit,
    observed: observedPod([seen('i1', 'unknown')]),
    does: ['stop i1: unknown'],
  },
  {
    when: 'nobody knows what became of a container whose sandbox has died',
    observed: observedPod([seen('app', 'unknown')], [dead]),
    does: ['stop sandbox-0'],
  },
  {
    when: 'the container was stopped to be started again and ended well',
    spec: { restartPolicy: 'OnFailure' },
    observed: observedPod([seen('app', 'exited')]),
    facts: { isStoppedToRestart: () => true },
    does: ['start app 1'],
  },
  {
    when: 'an end asks for all containers to begin anew',
    spec: { ...withInit, containers: [askingForAll, aContainer('log')], restartPolicy: 'Never' },
    observed: observedPod([
      seen('app', 'exited', { exitCode: 42, restarts: 1 }),
      seen('app', 'exited', { exitCode: 1 }),
      seen('log', 'running'),
      seen('i2', 'exited'),
      seen('i1', 'exited'),
    ]),
    does: ['reset app-0 log-0 i1-0 i2-0 app-1'],
  },
  {
    when: 'an end asks for it again too soon',
    spec: { containers: [askingForAll, aContainer('log')] },
    observed: observedPod([seen('app', 'exited', { exitCode: 42 }), seen('log', 'running')]),
    facts: { backOff: () => 10_000 },
    does: ['back-off app 10000'],
  },
  {
    when: 'an end meets another rule first',
    spec: { containers: [askingForAll], restartPolicy: 'Never' },
    observed: observedPod([seen('app', 'exited', { exitCode: 7 })]),
    does: ['start app 1'],
  },
  { when: 'everything runs', observed: observedPod([seen('app', 'running')]), does: [] },
  {
    when: 'the container was made and not started',
    observed: observedPod([seen('app', 'created')]),
    does: ['start app 1'],
  },
  {
    when: 'a start failed a moment ago',
    observed: observedPod([]),
    facts: { heldBack: () => 700 },
    does: ['hold app 700'],
  },

  {
    when: 'it failed and restarts always',
    observed: observedPod([seen('app', 'exited', { exitCode: 1 })]),
    does: ['start app 1'],
  },
  { when: 'it ended well and restarts always', observed: observedPod([seen('app', 'exited')]), does: ['start app 1'] },
  {
    when: 'it keeps failing',
    observed: observedPod([seen('app', 'exited', { exitCode: 1, restarts: 3 })]),
    facts: { backOff: () => 9_000 },
    does: ['back-off app 9000'],
  },
  {
    when: 'it keeps failing and got another image',
    observed: observedPod([seen('app', 'exited', { exitCode: 1, image: 'old' })]),
    facts: { backOff: () => 9_000 },
    does: ['start app 1'],
  },
  {
    when: 'it failed and restarts on failure',
    spec: { restartPolicy: 'OnFailure' },
    observed: observedPod([seen('app', 'exited', { exitCode: 1 })]),
    does: ['start app 1'],
  },
  {
    when: 'it ended well and restarts on failure',
    spec: { restartPolicy: 'OnFailure' },
    observed: observedPod([seen('app', 'exited')]),
    does: ['finish'],
  },
  {
    when: 'it failed and never restarts',
    spec: { restartPolicy: 'Never' },
    observed: observedPod([seen('app', 'exited', { exitCode: 1 })]),
    does: ['finish'],
  },
  {
    when: 'one of two has ended for good',
    spec: { ...two, restartPolicy: 'Never' },
    observed: observedPod([seen('app', 'exited'), seen('log', 'running')]),
    does: [],
  },

  {
    when: 'the image changed',
    observed: observedPod([seen('app', 'running', { image: 'old' })]),
    does: ['stop app: changed'],
  },
  {
    when: 'the liveness probe failed',
    observed: observedPod([seen('app', 'running')]),
    facts: { failedProbe: () => 'liveness' },
    does: ['stop app: liveness'],
  },

  { when: 'init containers are to run', spec: withInit, observed: observedPod([]), does: ['start i1 0'] },
  { when: 'the first init container runs', spec: withInit, observed: observedPod([seen('i1', 'running')]), does: [] },
  {
    when: 'the first init container is done',
    spec: withInit,
    observed: observedPod([seen('i1', 'exited')]),
    does: ['start i2 0'],
  },
  {
    when: 'the first init container failed',
    spec: withInit,
    observed: observedPod([seen('i1', 'exited', { exitCode: 1 })]),
    does: ['start i1 1'],
  },
  {
    when: 'an init container failed and nothing restarts',
    spec: { ...withInit, restartPolicy: 'Never' },
    observed: observedPod([seen('i1', 'exited', { exitCode: 1 })]),
    does: ['finish'],
  },
  {
    when: 'all init containers are done',
    spec: withInit,
    observed: observedPod([seen('i1', 'exited'), seen('i2', 'exited')]),
    does: ['start app 0'],
  },
  {
    when: 'init containers were removed after the app began',
    spec: withInit,
    observed: observedPod([seen('app', 'running')]),
    does: [],
  },

  { when: 'a sidecar is to run', spec: withSidecar, observed: observedPod([]), does: ['start proxy 0'] },
  {
    when: 'the sidecar has not started yet',
    spec: withSidecar,
    observed: observedPod([seen('proxy', 'running')]),
    facts: { isStarted: () => false },
    does: [],
  },
  {
    when: 'the sidecar has started',
    spec: withSidecar,
    observed: observedPod([seen('proxy', 'running')]),
    does: ['start i2 0'],
  },
  {
    when: 'the sidecar ended while the app runs',
    spec: withSidecar,
    observed: observedPod([seen('proxy', 'exited'), seen('i2', 'exited'), seen('app', 'running')]),
    does: ['start proxy 1'],
  },
  {
    when: 'only the sidecar still runs',
    spec: { ...withSidecar, restartPolicy: 'Never' },
    observed: observedPod([seen('proxy', 'running'), seen('i2', 'exited'), seen('app', 'exited')]),
    does: ['finish'],
  },

  {
    when: 'the sandbox died and containers still run',
    observed: observedPod([seen('app', 'running')], [dead]),
    does: ['stop sandbox-0'],
  },
  {
    when: 'the sandbox died with its containers',
    observed: observedPod([seen('app', 'exited', { exitCode: 137 })], [dead]),
    does: ['sandbox 1', 'start app 1'],
  },
  {
    when: 'the sandbox died and nothing restarts',
    spec: { restartPolicy: 'Never' },
    observed: observedPod([seen('app', 'exited', { exitCode: 137 })], [dead]),
    does: ['finish'],
  },
  {
    when: 'the sandbox died and init containers must run again',
    spec: withInit,
    observed: observedPod([seen('i1', 'exited'), seen('i2', 'exited'), seen('app', 'exited')], [dead]),
    does: ['sandbox 1', 'start i1 1'],
  },
]

describe('planPod()', () => {
  for (const { when, spec, observed, facts, does } of CASES) {
    test(`does ${does.length === 0 ? 'nothing' : does.join(', ')} when ${when}`, () => {
      expect(planPod(aPod(spec), observed, { ...FACTS, ...facts }).map(brief)).toEqual(does)
    })
  }
})

describe('restartsAfter()', () => {
  const rule = (operator: 'In' | 'NotIn', values: number[]) => [{ action: 'Restart', exitCodes: { operator, values } }]
  const cases = [
    { policy: 'Never', container: {}, exitCode: 1, restarts: false },
    { policy: 'Never', container: { restartPolicy: 'Always' }, exitCode: 0, restarts: true },
    { policy: 'Always', container: { restartPolicy: 'OnFailure' }, exitCode: 0, restarts: false },
    {
      policy: 'Never',
      container: { restartPolicy: 'Never', restartPolicyRules: rule('In', [42]) },
      exitCode: 42,
      restarts: true,
    },
    {
      policy: 'Never',
      container: { restartPolicy: 'Never', restartPolicyRules: rule('In', [42]) },
      exitCode: 1,
      restarts: false,
    },
    {
      policy: 'Never',
      container: { restartPolicy: 'Never', restartPolicyRules: rule('NotIn', [42]) },
      exitCode: 1,
      restarts: true,
    },
  ] as const
  for (const { policy, container, exitCode, restarts } of cases) {
    test(`is ${restarts} after ${exitCode} with the Pod's ${policy} and ${JSON.stringify(container)}`, () => {
      const spec = aContainer('app', structuredClone(container) as Parameters<typeof aContainer>[1])
      expect(restartsAfter(aPod({ restartPolicy: policy }), spec, exitCode)).toBe(restarts)
    })
  }
})

describe('isLastOf()', () => {
  const stop = (one: ReturnType<typeof seen>) =>
    ({
      do: 'stop-container',
      container: { kind: 'app', spec: aContainer(one.name) },
      observed: one,
      why: 'liveness',
    }) as const

  test('what stops the last that runs ends the Pod', () => {
    const app = seen('app', 'running')
    expect(isLastOf([stop(app)], observedPod([app, seen('other', 'exited')]))).toBe(true)
  })

  test('where another runs on, or waits to be started again, it does not', () => {
    const app = seen('app', 'running')
    const other = seen('other', 'exited')
    const waits = { do: 'back-off', container: { kind: 'app', spec: aContainer('other') }, last: other, ms: 1 } as const
    expect(isLastOf([stop(app)], observedPod([app, seen('other', 'running')]))).toBe(false)
    expect(isLastOf([stop(app), waits], observedPod([app, other]))).toBe(false)
  })
})
