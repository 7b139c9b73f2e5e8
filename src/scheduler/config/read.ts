/**
 * Reads a KubeSchedulerConfiguration v1 from YAML or JSON, as strictly as kube-scheduler does
 * (https://kubernetes.io/docs/reference/scheduling/config/).
 */

import { UserError } from '../../base/user-error.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { DecodeError } from '../../wire/decode/context.ts'
import { readTypeMeta, strictFaults } from '../../wire/decode/texts.ts'
import { JsonError } from '../../wire/json/careful.ts'
import { readYamlBody } from '../../wire/yaml/parse.ts'
import { completed } from './defaults.ts'
import type { RawArgs, RawConfig } from './raw.ts'
import { resolveProfile } from './resolve.ts'
import { decodeKind, isKnownKind } from './schema.ts'
import type { SchedulerConfig } from './types.ts'
import { validateConfig } from './validate.ts'

const API_VERSION = 'kubescheduler.config.k8s.io/v1'
const KIND = 'KubeSchedulerConfiguration'
const SCHEME = 'pkg/runtime/scheme.go:111'

/** Reads and checks all of it: what it answers, a scheduler can run with. Throws a `UserError` that says what is wrong. */
export function readSchedulerConfig(text: string): SchedulerConfig {
  const config = completed(decodeConfig(text))
  const faults = validateConfig(config)
  if (faults.length > 0) throw wrong(faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`)
  for (const profile of config.profiles) {
    try {
      resolveProfile(profile)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      throw wrong(
        `initializing profiles: creating profile for scheduler name ${profile.schedulerName}: ${error.message}`,
      )
    }
  }
  return config
}

const wrong = (text: string) =>
  new UserError(
    text,
    'correct the scheduler configuration: https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/',
  )

function decodeConfig(text: string): RawConfig {
  try {
    const body = readYamlBody(Buffer.from(text))
    const { value, faults } = decodeAs(sorted(body.value), { kind: KIND, shown: text }, body.duplicates)
    const config = value as RawConfig
    const nested = decodeArgs(config)
    const all = [...faults, ...nested]
    if (all.length > 0) throw wrong(`strict decoding error: ${all.join(', ')}`)
    return config
  } catch (error) {
    if (error instanceof DecodeError || error instanceof JsonError) throw wrong(error.message)
    throw error
  }
}

interface Found {
  readonly value: unknown
  /** Unknown and repeated fields. */
  readonly faults: readonly string[]
}

/** YAML reaches Kubernetes's decoder with its keys in order, which shows in what is told first. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

interface Expected {
  readonly kind: string
  /** The document as it was written; absent for arguments, which stand inside another. */
  readonly shown?: string
}

/** Decodes a document as a kind, which it has to be. */
function decodeAs(document: unknown, { kind, shown }: Expected, duplicates: readonly string[]): Found {
  const isNested = shown === undefined
  const meta = readTypeMeta(document)
  if ('why' in meta) throw wrong(meta.why)
  // Arguments need not say what they are: they stand where only that kind can.
  const found = {
    apiVersion: meta.apiVersion || (isNested ? API_VERSION : ''),
    kind: meta.kind || (isNested ? kind : ''),
  }
  if (found.kind === '') throw wrong(`Object 'Kind' is missing in '${shown ?? ''}'`)
  if (found.apiVersion === '') throw wrong(`Object 'apiVersion' is missing in '${shown ?? ''}'`)
  if (found.apiVersion !== API_VERSION || !isKnownKind(found.kind))
    throw wrong(
      `no kind ${goQuote(found.kind)} is registered for version ${goQuote(found.apiVersion)} in scheme ${goQuote(SCHEME)}`,
    )
  if (found.kind !== kind && !isNested)
    throw wrong(`couldn't decode as KubeSchedulerConfiguration, got ${API_VERSION}, Kind=${found.kind}: `)
  const { value, unknown } = decodeKind(document, found.kind)
  return { value: { ...value, kind: found.kind }, faults: strictFaults({ unknown, duplicates }) }
}

/** Decodes each plugin's arguments in their place. Answers the strict faults. */
function decodeArgs(config: RawConfig): readonly string[] {
  const faults: string[] = []
  for (const [at, profile] of (config.profiles ?? []).entries()) {
    for (const [place, entry] of (profile.pluginConfig ?? []).entries()) {
      const kind = `${entry.name ?? ''}Args`
      if (!isKnownKind(kind)) continue
      const where = `decoding .profiles[${at}].pluginConfig[${place}]: `
      const about = `decoding args for plugin ${entry.name ?? ''}: `
      let found: Found
      try {
        found = decodeAs(entry.args ?? {}, { kind }, [])
      } catch (error) {
        if (error instanceof UserError || error instanceof DecodeError) throw wrong(where + about + error.message)
        throw error
      }
      const args = found.value as RawArgs & { readonly kind: string }
      if (args.kind !== kind)
        throw wrong(
          `${where}args for plugin ${entry.name ?? ''} were not of type ${kind}.kubescheduler.config.k8s.io, got ${args.kind}.kubescheduler.config.k8s.io`,
        )
      entry.args = args
      if (found.faults.length > 0)
        faults.push(`${where}strict decoding error: ${about}strict decoding error: ${found.faults.join(', ')}`)
    }
  }
  return faults
}
