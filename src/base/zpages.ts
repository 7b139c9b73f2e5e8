/** What /statusz and /flagz tell of a component (https://kubernetes.io/docs/reference/instrumentation/zpages/). */

import { toTime } from './clock.ts'

export interface StatuszFacts {
  readonly component: string
  /** E.g. `v1.36.0`. */
  readonly version: string
  readonly now: number
  readonly uptimeSeconds: number
  /** What is served, in alphabetical order. */
  readonly paths: readonly string[]
}

/** Settings in force, under the names of Kubernetes's flags and in their order. */
export type Flags = Readonly<Record<string, string>>

/** A page in both its forms. */
export interface Zpage {
  readonly kind: 'Statusz' | 'Flagz'
  /** For people. */
  readonly text: string
  /** For programs, but for its apiVersion. */
  readonly object: object
}

const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'

export function statuszPage({ component, version, now, uptimeSeconds, paths }: StatuszFacts): Zpage {
  const [, binaryVersion = ''] = /^v?(\d+\.\d+)/.exec(version) ?? []
  const up = Math.max(0, Math.floor(uptimeSeconds))
  const started = now - up * 1000
  const upText = `${Math.floor(up / 3600)} hr ${two(Math.floor(up / 60) % 60)} min ${two(up % 60)} sec`
  const lines = [
    `Started: ${unixDate(started)}`,
    `Up: ${upText}`,
    `Binary version: ${binaryVersion}`,
    `Emulation version: ${binaryVersion}`,
    `Paths: ${paths.join(' ')}`,
  ]
  const object = {
    metadata: { name: component },
    startTime: toTime(started),
    uptimeSeconds: up,
    goVersion: '',
    binaryVersion,
    emulationVersion: binaryVersion,
    paths,
  }
  return { kind: 'Statusz', text: ['', `${component} statusz`, WARNING, '', ...lines, ''].join('\n'), object }
}

export function flagzPage(component: string, flags: Flags): Zpage {
  const lines = Object.entries(flags).map(([name, value]) => `${name}=${value}`)
  const text = ['', `${component} flagz`, WARNING, ...lines, ''].join('\n')
  return { kind: 'Flagz', text, object: { metadata: { name: component }, flags } }
}

const two = (number: number) => String(number).padStart(2, '0')

/** As `date` prints it: `Mon Jan  2 15:04:05 UTC 2006`. */
function unixDate(ms: number): string {
  const [, weekday, day = '', month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date(ms).toUTCString()) ?? []
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} UTC ${year}`
}

const OBJECT_TYPES = ['application/json', 'application/yaml'] as const

/** A form of a page that a client takes. */
export type ZpageForm =
  | { readonly type: 'text/plain' }
  | { readonly type: (typeof OBJECT_TYPES)[number]; readonly version: 'v1alpha1' | 'v1beta1' }

/** The first form in an Accept header that there is of a page; undefined: there is none. */
export function zpageForm(accept: string, kind: Zpage['kind']): ZpageForm | undefined {
  if (accept === '') return { type: 'text/plain' }
  for (const clause of accept.slice(0, 4_096).split(',')) {
    const [given = '', ...parameters] = clause.split(';').map((part) => part.trim())
    if (given === 'text/plain' || given === '*/*' || given === 'text/*') return { type: 'text/plain' }
    const type = OBJECT_TYPES.find((one) => one === given)
    const version = (['v1beta1', 'v1alpha1'] as const).find((one) => parameters.includes(`v=${one}`))
    const isOf = parameters.includes('g=config.k8s.io') && parameters.includes(`as=${kind}`)
    if (type !== undefined && version !== undefined && isOf) return { type, version }
  }
  return undefined
}

/** A page as a program reads it. */
export const zpageObject = ({ kind, object }: Zpage, version: string): object => ({
  kind,
  apiVersion: `config.k8s.io/${version}`,
  ...object,
})
