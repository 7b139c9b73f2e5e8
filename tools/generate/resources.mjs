/** The served resources and the columns of their tables. */

/** `v1/pods`, `apps/v1/deployments`. */
function resourceKey({ group, version, resource }) {
  return group === '' ? `${version}/${resource}` : `${group}/${version}/${resource}`
}

function prefixOf(facts, group, version) {
  for (const [prefix, entry] of Object.entries(facts.groups)) {
    if (entry.group === group && entry.version === version) return prefix
  }
  throw new Error(`no types are known of ${group}/${version}`)
}

export function resourcesFile(facts) {
  const { groups, resources } = facts.resources
  const rows = resources.map(
    (resource) => `  ${JSON.stringify(resourceKey(resource))}: ${JSON.stringify(entry(facts, resource))},`,
  )
  return `/** The resources Kubernetes serves, in discovery's order, generated from tools/facts; never edited. */

/** What discovery says of one resource. */
export interface ResourceFacts {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly singular: string
  readonly kind: string
  /** The key of the kind's type, for the schema lookup. */
  readonly type: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  /** Of the version objects are stored in; absent for what is not stored. */
  readonly storageVersionHash?: string
  readonly subresources: readonly SubresourceFacts[]
  /** Served by an aggregated server in Kubernetes. */
  readonly aggregated?: boolean
}

export interface SubresourceFacts {
  readonly name: string
  readonly kind: string
  readonly group: string
  readonly version: string
  readonly type: string
  readonly verbs: readonly string[]
}

export interface GroupFacts {
  readonly group: string
  readonly versions: readonly string[]
  readonly preferred: string
}

/** The groups in discovery's order. */
export const groupFacts: readonly GroupFacts[] = [
${groups.map((group) => `  ${JSON.stringify(group)},`).join('\n')}
]

/** By \`v1/pods\` or \`apps/v1/deployments\`. */
export const resourceFacts: Readonly<Record<string, ResourceFacts>> = {
${rows.join('\n')}
}
`
}

function entry(facts, resource) {
  const { group, version } = resource
  return {
    group,
    version,
    resource: resource.resource,
    singular: resource.singular,
    kind: resource.kind,
    type: typeKey(facts, group, version, resource.kind),
    namespaced: resource.namespaced,
    shortNames: resource.shortNames,
    categories: resource.categories,
    verbs: resource.verbs,
    storageVersionHash: resource.storageVersionHash,
    subresources: resource.subresources.map((sub) => ({
      name: sub.name,
      kind: sub.kind,
      group: sub.group ?? group,
      version: sub.version ?? version,
      type: typeKey(facts, sub.group ?? group, sub.version ?? version, sub.kind),
      verbs: sub.verbs,
    })),
    aggregated: resource.server === undefined ? undefined : true,
  }
}

function typeKey(facts, group, version, kind) {
  const key = `${prefixOf(facts, group, version)}.${kind}`
  if (facts.types[key] === undefined) throw new Error(`no type is known of ${key}`)
  return key
}

export function columnsFile(facts) {
  const rows = Object.entries(facts.columns).map(
    ([key, columns]) => `  ${JSON.stringify(key)}: ${JSON.stringify(columns)},`,
  )
  const texts = Object.entries(facts.columnTexts).map(
    ([key, columns]) => `  ${JSON.stringify(key)}: ${JSON.stringify(columns)},`,
  )
  return `/** The columns of tables, generated from tools/facts; never edited. */

/** Name, type, format, priority (1: only \`-o wide\` shows it). */
export type ColumnFacts = readonly [name: string, type: string, format: string, priority: number]

/** By \`v1/pods\` or \`apps/v1/deployments\`. */
export const columnFacts: Readonly<Record<string, readonly ColumnFacts[]>> = {
${rows.join('\n')}
}

/** What a column tells, by resource and name; that of names and ages is the same everywhere and is not here. */
export const columnTexts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${texts.join('\n')}
}
`
}
