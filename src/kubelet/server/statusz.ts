/** What /statusz tells of the kubelet (https://kubernetes.io/docs/reference/instrumentation/zpages/). */

import { toTime } from '../../base/clock.ts'

/** In alphabetical order. */
const PATHS = [
  '/attach',
  '/configz',
  '/containerLogs',
  '/exec',
  '/flagz',
  '/healthz',
  '/logs',
  '/metrics',
  '/pods',
  '/portForward',
  '/run',
  '/runningpods',
  '/stats',
  '/statusz',
]

export interface StatuszFacts {
  /** E.g. `v1.36.0`. */
  readonly version: string
  readonly now: number
  readonly uptimeSeconds: number
}

const two = (number: number) => String(number).padStart(2, '0')

/** For people. */
export function statuszText(facts: StatuszFacts): string {
  const { startTime, uptimeSeconds: up, binaryVersion, emulationVersion } = statuszObject(facts)
  const upText = `${Math.floor(up / 3600)} hr ${two(Math.floor(up / 60) % 60)} min ${two(up % 60)} sec`
  return `
kubelet statusz
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.

Started: ${startTime}
Up: ${upText}
Binary version: ${binaryVersion}
Emulation version: ${emulationVersion}
Paths: ${PATHS.join(' ')}
`
}

/** For programs. */
export function statuszObject({ version, now, uptimeSeconds }: StatuszFacts) {
  const [, binaryVersion = ''] = /^v?(\d+\.\d+)/.exec(version) ?? []
  const up = Math.max(0, Math.floor(uptimeSeconds))
  return {
    kind: 'Statusz',
    apiVersion: 'config.k8s.io/v1beta1',
    metadata: { name: 'kubelet' },
    startTime: toTime(now - up * 1000),
    uptimeSeconds: up,
    goVersion: '',
    binaryVersion,
    emulationVersion: binaryVersion,
    paths: PATHS,
  }
}

/** Whether a client's Accept header asks for the object. */
export const asksForObject = (accept: string, kind: 'Statusz' | 'Flagz'): boolean =>
  /\bapplication\/json\b/.test(accept) && accept.includes(`as=${kind}`) && /\bv=v1beta1\b/.test(accept)
