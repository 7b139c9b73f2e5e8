/**
 * Gives the roles that every cluster has back what they lack, at each start; what was added stays
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation).
 */

import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from '../../api/generated/rbac-v1.ts'
import type { Client } from '../../client/client.ts'
import type { ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { createMissing } from './ensure.ts'
import { AUTO_UPDATE } from './rules.ts'

type ReadRule = DeepReadonly<PolicyRule>

/** A role of either kind. */
type AnyRole = KubeObject & Pick<ClusterRole, 'rules' | 'aggregationRule'>
type AnyBinding = KubeObject & Pick<ClusterRoleBinding, 'roleRef'> & { subjects?: Subject[] }

/** Creates the role, or adds the rules that it lacks. */
export async function restoreRole<T extends AnyRole>(client: Client, ref: ResourceRef<T>, role: T): Promise<void> {
  await restore(client, ref, role, (found) => {
    const gathers = role.aggregationRule !== undefined
    if (gathers) return found.aggregationRule === undefined ? { aggregationRule: role.aggregationRule } : undefined
    const has = (found.rules ?? []) as readonly ReadRule[]
    const lacking = missingRules(role.rules ?? [], has)
    return lacking.length === 0 ? undefined : { rules: [...has, ...lacking] }
  })
}

/** Creates the binding, or adds the subjects that it lacks. */
export async function restoreBinding<T extends AnyBinding>(
  client: Client,
  ref: ResourceRef<T>,
  binding: T,
): Promise<void> {
  await restore(client, ref, binding, (found) => {
    const has = (found.subjects ?? []) as readonly DeepReadonly<Subject>[]
    const lacking = (binding.subjects ?? []).filter((subject) => !has.some((other) => isSame(subject, other)))
    return lacking.length === 0 ? undefined : { subjects: [...has, ...lacking] }
  })
}

async function restore<T extends KubeObject>(
  client: Client,
  ref: ResourceRef<T>,
  wanted: T,
  changes: (found: DeepReadonly<T>) => object | undefined,
): Promise<void> {
  const { namespace, name = '' } = wanted.metadata
  const at = namespace === undefined ? { name } : { namespace, name }
  let found: DeepReadonly<T>
  try {
    found = await client.get(ref, at)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
    await createMissing(client, ref, wanted)
    return
  }
  if ((found as KubeObject).metadata.annotations?.[AUTO_UPDATE] === 'false') return
  const patch = changes(found)
  if (patch !== undefined) await client.patch(ref, at, 'merge', patch)
}

const isSame = (a: Subject, b: DeepReadonly<Subject>): boolean =>
  a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')

/** Of `wanted` the rules of which `has` does not allow all. */
export function missingRules(wanted: readonly PolicyRule[], has: readonly ReadRule[]): PolicyRule[] {
  return wanted.filter((rule) => !permissions(rule).every((one) => has.some((other) => allows(other, one))))
}

/** One thing that a rule allows: a group, a resource or path, a verb and, where it is limited, a name. */
type Permission = readonly [group: string, resource: string, verb: string, name: string]

function permissions({ apiGroups = [''], resources, nonResourceURLs = [], verbs, resourceNames }: PolicyRule) {
  const all: Permission[] = []
  for (const group of apiGroups)
    for (const resource of resources ?? nonResourceURLs)
      for (const verb of verbs) for (const name of resourceNames ?? ['']) all.push([group, resource, verb, name])
  return all
}

function allows(rule: ReadRule, [group, resource, verb, name]: Permission): boolean {
  const { apiGroups = [''], resources, nonResourceURLs = [], verbs, resourceNames = [] } = rule
  const has = (values: readonly string[], value: string) => values.includes(value) || values.includes('*')
  const isNamed = resourceNames.length === 0 || resourceNames.includes(name)
  return has(apiGroups, group) && has(resources ?? nonResourceURLs, resource) && has(verbs, verb) && isNamed
}
