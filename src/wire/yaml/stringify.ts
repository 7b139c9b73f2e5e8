/** Writes YAML that readers of YAML 1.1, as Kubernetes's own are, read back as it was. */
import { stringify } from 'yaml'

const options = {
  version: '1.1',
  schema: 'yaml-1.1',
  lineWidth: 0,
  aliasDuplicateObjects: false,
} as const

/** The YAML text of plain data: texts such as `yes`, `22:30` or `2026-01-02` are quoted, and nothing is an alias. */
export function toYaml(value: unknown): string {
  return stringify(value, options)
}
