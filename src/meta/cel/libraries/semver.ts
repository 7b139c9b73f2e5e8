/** Versions by semver.org (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library). */

import { declare, type Library } from '../environment.ts'
import { EvaluationError, type OpaqueValue } from '../values.ts'

const SHAPE =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/

export class Semver implements OpaqueValue {
  readonly celType = 'kubernetes.Semver'
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly string[]

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    this.numbers = numbers
    this.prerelease = prerelease
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Semver && compareSemver(this, other) === 0
  }
}

/** The version a text means; with `lenient`, a leading `v`, zeros and missing parts are forgiven. */
export function readSemver(text: string, lenient = false): Semver | undefined {
  const match = SHAPE.exec(lenient ? completed(text) : text)
  if (match === null) return undefined
  const [, major = '', minor = '', patch = '', prerelease] = match
  return new Semver([BigInt(major), BigInt(minor), BigInt(patch)], prerelease?.split('.') ?? [])
}

function completed(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([\d.]*)([^]*)$/.exec(text.trim()) ?? []
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''))
  if (rest === '') while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

function toSemver(text: string, lenient = false): Semver {
  const version = readSemver(text, lenient)
  if (version === undefined) throw new EvaluationError(`invalid semver: ${text}`)
  return version
}

/** Below, at or above zero as `a` is to `b`. */
function compareSemver(a: Semver, b: Semver): number {
  for (const [at, number] of a.numbers.entries()) {
    const other = b.numbers[at] as bigint
    if (number !== other) return number < other ? -1 : 1
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length)
  for (const [at, part] of a.prerelease.entries()) {
    const other = b.prerelease[at]
    if (other === undefined) return 1
    if (part !== other) return comparePart(part, other)
  }
  return a.prerelease.length === b.prerelease.length ? 0 : -1
}

function comparePart(a: string, b: string): number {
  const [isNumber, otherIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1
  if (isNumber) return BigInt(a) < BigInt(b) ? -1 : 1
  return a < b ? -1 : 1
}

const part = (name: string, at: 0 | 1 | 2) => declare(`${SEMVER}->${name}(): int`, ({ numbers }: Semver) => numbers[at])
const SEMVER = 'kubernetes.Semver'

export const semvers: Library = {
  functions: [
    declare(`semver(string): ${SEMVER}`, toSemver),
    declare(`semver(string, bool): ${SEMVER}`, toSemver),
    declare('isSemver(string): bool', (text: string) => readSemver(text) !== undefined),
    declare(
      'isSemver(string, bool): bool',
      (text: string, lenient: boolean) => readSemver(text, lenient) !== undefined,
    ),
    declare(`${SEMVER}->isGreaterThan(${SEMVER}): bool`, (a: Semver, b: Semver) => compareSemver(a, b) > 0),
    declare(`${SEMVER}->isLessThan(${SEMVER}): bool`, (a: Semver, b: Semver) => compareSemver(a, b) < 0),
    declare(`${SEMVER}->compareTo(${SEMVER}): int`, (a: Semver, b: Semver) => BigInt(compareSemver(a, b))),
    part('major', 0),
    part('minor', 1),
    part('patch', 2),
  ],
}
