/**
 * What the labels of a namespace ask of its Pods
 * (https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces).
 */

import { type FieldError, fieldPath } from '../../../meta/field-path.ts'
import { invalidValue } from '../../../meta/validation.ts'

const LEVELS = ['privileged', 'baseline', 'restricted'] as const
export type Level = (typeof LEVELS)[number]

/** A level as it was in one minor version of Kubernetes, or as it is now. */
export interface LevelVersion {
  readonly level: Level
  readonly version: 'latest' | number
}

export interface Policy {
  readonly enforce: LevelVersion
  readonly audit: LevelVersion
  readonly warn: LevelVersion
}

type Labels = Readonly<Record<string, string>> | undefined
type Mode = 'enforce' | 'audit' | 'warn'

const PREFIX = 'pod-security.kubernetes.io/'
const LABELS = fieldPath('metadata', 'labels')

/** `restricted:latest`, `baseline:v1.24`. */
export const policyText = ({ level, version }: LevelVersion) =>
  `${level}:${version === 'latest' ? version : `v1.${version}`}`

/** How much stricter `a` is than `b`. */
export const compareLevels = (a: Level, b: Level) => LEVELS.indexOf(a) - LEVELS.indexOf(b)

export const samePolicy = (a: LevelVersion, b: LevelVersion) => policyText(a) === policyText(b)

interface Parsed {
  readonly policy: LevelVersion
  readonly hasLevel: boolean
  readonly hasVersion: boolean
  readonly faults: readonly FieldError[]
}

/**
 * The policy, and what is wrong with the labels. A level that cannot be read is the strictest for what is enforced, and
 * none for the rest. Who enforces without saying what to warn of is warned of what is enforced.
 */
export function policyOf(labels: Labels): { readonly policy: Policy; readonly faults: readonly FieldError[] } {
  const enforce = parse(labels, 'enforce')
  const audit = parse(labels, 'audit')
  const warn = parse(labels, 'warn')
  const faults = [...enforce.faults, ...audit.faults, ...warn.faults]
  const isWarnedToo = enforce.hasLevel && !warn.hasLevel && compareLevels(enforce.policy.level, warn.policy.level) > 0
  const version = warn.hasVersion ? warn.policy.version : enforce.policy.version
  const warned = isWarnedToo ? { level: enforce.policy.level, version } : warn.policy
  return { policy: { enforce: enforce.policy, audit: audit.policy, warn: warned }, faults }
}

function parse(labels: Labels, mode: Mode): Parsed {
  const levelText = labels?.[PREFIX + mode]
  const versionText = labels?.[`${PREFIX}${mode}-version`]
  const faults: FieldError[] = []
  let level: Level = 'privileged'
  const known = LEVELS.find((each) => each === levelText)
  if (known !== undefined) level = known
  else if (levelText !== undefined) {
    if (mode === 'enforce') level = 'restricted'
    faults.push(invalidValue(LABELS.key(PREFIX + mode), levelText, `must be one of ${LEVELS.join(', ')}`))
  }
  const version = versionOf(versionText ?? 'latest')
  if (version === undefined) {
    const path = LABELS.key(`${PREFIX}${mode}-version`)
    faults.push(invalidValue(path, versionText, 'must be "latest" or "v1.x"'))
  }
  return {
    policy: { level, version: version ?? 'latest' },
    hasLevel: known !== undefined,
    hasVersion: versionText !== undefined,
    faults,
  }
}

function versionOf(text: string): 'latest' | number | undefined {
  if (text === 'latest') return 'latest'
  return /^v1\.(0|[1-9][0-9]{0,8})$/.test(text) ? Number(text.slice(3)) : undefined
}
