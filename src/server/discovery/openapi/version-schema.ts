/** What `/version` answers, as a schema (https://kubernetes.io/docs/reference/using-api/compatibility-version/). */
import type { OpenApiSchema, OpenApiVersion } from './definitions.ts'

const REQUIRED = [
  'major',
  'minor',
  'gitVersion',
  'gitCommit',
  'gitTreeState',
  'buildDate',
  'goVersion',
  'compiler',
  'platform',
]
const EMULATED = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor']

/** The schema; only version 3 tells what a field is that is always written. */
export function versionSchema(version: OpenApiVersion): OpenApiSchema {
  const zero = version === 3 ? { default: '' } : {}
  const properties = [
    ...REQUIRED.map((name) => [name, { type: 'string', ...zero }] as const),
    ...EMULATED.map((name) => [name, { type: 'string' }] as const),
  ]
  return {
    description: 'The version of a server, and which versions it gets on with.',
    type: 'object',
    required: REQUIRED,
    properties: Object.fromEntries(properties.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}
