/** Figures in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). Pure. */

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
  /** When it was measured, in milliseconds since the epoch; absent: as it is read. */
  readonly at?: number
  /** After the family's name, e.g. `_bucket`. */
  readonly suffix?: string
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly Sample[]
}

const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function labelText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** A number as Kubernetes's programs write it, in labels, too: `1e+06`, `5e-07`. */
export function numberText(value: number): string {
  if (value === 0) return '0'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const size = Math.abs(value)
  if (size >= 1e-4 && size < 1e6) return String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

/** Families without samples are left out. */
export function metricsText(families: readonly Family[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ labels, value, at, suffix = '' }) =>
          `${name}${suffix}${labelText(labels)} ${numberText(value)}${at === undefined ? '' : ` ${Math.round(at)}`}`,
      ),
    ])
  return `${lines.join('\n')}\n`
}
