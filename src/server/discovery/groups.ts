/** Groups and versions in discovery's order (https://kubernetes.io/docs/reference/using-api/#api-groups). */
import { groupFacts, type ResourceFacts } from '../../api/generated/resources.ts'

/** A resource as discovery tells of it: built-in ones are the generated facts, others are made alike. */
export interface DiscoveredResource extends ResourceFacts {
  /** The schema of a custom resource; its `type` is none that is built in. */
  readonly openApiSchema?: Readonly<Record<string, unknown>>
}

/** One version of a group with its resources, in the order they were given. */
export interface DiscoveredVersion {
  readonly group: string
  readonly version: string
  /** `v1`, `apps/v1`. */
  readonly groupVersion: string
  readonly resources: readonly DiscoveredResource[]
}

/** A group; the first version is the preferred one. */
export interface DiscoveredGroup {
  readonly group: string
  readonly versions: readonly DiscoveredVersion[]
}

/** `v1` for the core group, `apps/v1` for others. */
function groupVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** Sorts resources into groups: Kubernetes's own first, in its order, then the others by name. */
export function groupsOf(resources: Iterable<DiscoveredResource>): DiscoveredGroup[] {
  const groups = new Map<string, Map<string, DiscoveredResource[]>>()
  for (const resource of resources) {
    const versions = getOrAdd(groups, resource.group, () => new Map<string, DiscoveredResource[]>())
    getOrAdd(versions, resource.version, () => []).push(resource)
  }
  const known = groupFacts.map((facts) => facts.group).filter((group) => groups.has(group))
  const others = [...groups.keys()].filter((group) => !known.includes(group)).toSorted(byText)
  return [...known, ...others].map((group) => ({
    group,
    versions: [...groups.get(group)!]
      .map(([version, own]) => ({ group, version, groupVersion: groupVersionOf(group, version), resources: own }))
      .toSorted((a, b) => compareVersions(a.version, b.version)),
  }))
}

/**
 * The higher version first, as Kubernetes ranks them: stable, then beta, then alpha, then whatever else by name
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority).
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)]
  if (left === undefined || right === undefined) {
    if (left === right) return byText(a, b)
    return left === undefined ? 1 : -1
  }
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor
}

function rankOf(version: string): { stability: number; major: number; minor: number } | undefined {
  const parts = /^v([1-9]\d{0,8})(?:(alpha|beta)([1-9]\d{0,8}))?$/.exec(version)
  if (parts === null) return undefined
  const stability = parts[2] === undefined ? 2 : parts[2] === 'beta' ? 1 : 0
  return { stability, major: Number(parts[1]), minor: Number(parts[3] ?? 0) }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
