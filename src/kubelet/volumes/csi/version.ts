/** Versions of CSI that drivers say they speak: all of 1 are alike to a kubelet. Pure. */

export interface Version {
  readonly parts: readonly number[]
  readonly text: string
}

const PATTERN = /^v?(\d{1,9}(?:\.\d{1,9}){1,7})(?:[-+].*)?$/

function parse(text: string): Version | undefined {
  const digits = PATTERN.exec(text)?.[1]
  return digits === undefined ? undefined : { parts: digits.split('.').map(Number), text: digits }
}

/** Whether `a` comes before `b`. */
export function isOlder(a: Version, b: Version): boolean {
  const at = b.parts.findIndex((part, index) => part !== (a.parts[index] ?? 0))
  return at >= 0 && (b.parts[at] ?? 0) > (a.parts[at] ?? 0)
}

/** The newest of them that a kubelet speaks, or why there is none. */
export function highestVersion(texts: readonly string[]): Version | { readonly fault: string } {
  const [first, ...others] = texts.flatMap((text) => parse(text) ?? []).filter(({ parts: [major = 0] }) => major <= 1)
  if (first === undefined) {
    return { fault: `could not find a highest supported version from versions ([${texts.join(' ')}]) reported: <nil>` }
  }
  const highest = others.reduce((best, each) => (isOlder(best, each) ? each : best), first)
  if (highest.parts[0] === 1) return highest
  return { fault: `highest supported version reported is ${highest.text}, must be v1.x` }
}
