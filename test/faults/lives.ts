/** The Pods of one round, whose lives a fault interrupts, and what must have become of them. They keep tally in a host folder. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How often each program ran: one line a run. Cut short, it tells so: an end by 0 would count as work done. */
const TALLY = `
run() { echo run >> /tally/$1; }
trap 'exit 143' TERM
`

export interface Round {
  readonly name: string
  readonly tally: string
}

export interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly status: {
    readonly phase: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly {
      readonly name: string
      readonly containerID?: string
      readonly restartCount: number
      readonly state?: { readonly running?: object; readonly terminated?: { readonly exitCode: number } }
    }[]
  }
}

const container = (name: string, script: string, mounts: readonly object[] = []) => ({
  name,
  image: 'busybox',
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', `${TALLY}${script}`],
  volumeMounts: [{ name: 'tally', mountPath: '/tally' }, ...mounts],
})

const FOREVER = 'while :; do sleep 1 & wait $!; done'

/** A Job, a Deployment, and Pods of every restart policy, one with init containers. */
export function manifests({ name, tally }: Round): object[] {
  const volumes = [
    { name: 'tally', hostPath: { path: tally, type: 'Directory' } },
    { name: 'data', emptyDir: {} },
  ]
  const data = [{ name: 'data', mountPath: '/data' }]
  const spec = (restartPolicy: string, main: object, more: object = {}) => ({
    restartPolicy,
    terminationGracePeriodSeconds: 2,
    containers: [main],
    volumes,
    ...more,
  })
  const pod = (kind: string, podSpec: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-${kind}`, labels: { round: name } },
    spec: podSpec,
  })
  const labels = { round: name, app: `${name}-web` }
  return [
    pod('never', spec('Never', container('main', `run ${name}-never; sleep 1`))),
    pod(
      'on-failure',
      spec('OnFailure', container('main', `run ${name}-on-failure; [ $(wc -l < /tally/${name}-on-failure) -ge 2 ]`)),
    ),
    pod(
      'init',
      spec(
        'Always',
        container('main', `run ${name}-init; [ "$(cat /data/order)" = "one two" ] || exit 7; ${FOREVER}`, data),
        {
          initContainers: [
            container('one', 'echo -n one > /data/order', data),
            container('two', '[ "$(cut -c1-3 /data/order)" = one ] && echo -n "one two" > /data/order', data),
          ],
        },
      ),
    ),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: `${name}-job`, labels: { round: name } },
      spec: {
        completions: 3,
        parallelism: 2,
        backoffLimit: 6,
        template: {
          metadata: { labels: { round: name } },
          spec: spec('Never', container('main', `run $HOSTNAME; sleep 0.5; echo done >> /tally/${name}-job.done`)),
        },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `${name}-web`, labels: { round: name } },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: spec('Always', container('main', `run $HOSTNAME; ${FOREVER}`)) },
      },
    },
  ]
}

export interface Seen {
  readonly pods: readonly Pod[]
  readonly job: {
    readonly status?: { readonly succeeded?: number; readonly conditions?: readonly { type: string; status: string }[] }
  }
  readonly web: { readonly status?: { readonly readyReplicas?: number; readonly replicas?: number } }
}

const isTrue = (type: string) => (condition: { type: string; status: string }) =>
  condition.type === type && condition.status === 'True'

/** What is not as the specs say; empty when the round is at rest. */
export function unfinished({ name, tally }: Round, { pods, job, web }: Seen): string[] {
  const words: string[] = []
  const statusOf = (kind: string) => pods.find(({ metadata }) => metadata.name === `${name}-${kind}`)?.status
  const expect = (isSo: boolean, text: string) => void (isSo || words.push(text))
  const [never, onFailure, init] = ['never', 'on-failure', 'init'].map(statusOf)
  expect(['Succeeded', 'Failed'].includes(never?.phase ?? ''), `never is not over: ${JSON.stringify(never)}`)
  expect(onFailure?.phase === 'Succeeded', `on-failure has not succeeded: ${JSON.stringify(onFailure)}`)
  expect(init?.conditions?.some(isTrue('Ready')) === true, `init is not Ready: ${JSON.stringify(init)}`)
  expect(job.status?.conditions?.some(isTrue('Complete')) === true, `the Job is at ${JSON.stringify(job.status)}`)
  expect(job.status?.succeeded === 3, `the Job succeeded ${job.status?.succeeded} times`)
  expect(lines(join(tally, `${name}-job.done`)) >= 3, 'the Job says it is done, but it did less')
  expect(
    web.status?.readyReplicas === 2 && web.status.replicas === 2,
    `the Deployment is at ${JSON.stringify(web.status)}`,
  )
  return words
}

/** What must never be, whatever happened. */
export function violations({ name, tally }: Round, { pods }: Seen): string[] {
  const words: string[] = []
  const never = lines(join(tally, `${name}-never`))
  if (never > 1) words.push(`a Pod that never restarts ran ${never} times`)
  for (const { metadata } of pods.filter(({ metadata: { name: pod } }) => pod.startsWith(`${name}-job-`)))
    if (lines(join(tally, metadata.name)) > 1) words.push(`${metadata.name} of the Job ran more than once`)
  return words
}

const lines = (file: string): number =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '').length
    : 0
