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

/** Families without samples are left out. */
export function metricsText(families: readonly Family[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ labels, value, at, suffix = '' }) =>
          `${name}${suffix}${labelText(labels)} ${value}${at === undefined ? '' : ` ${Math.round(at)}`}`,
      ),
    ])
  return `${lines.join('\n')}\n`
}
