/** Whether rules give no more than others (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping). */

import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { goList } from '../../meta/go-quote.ts'

type Rule = DeepReadonly<PolicyRule>

/** What `wanted` allows and none of `held` does: one verb on one thing each. */
export function missingRules(held: readonly Rule[], wanted: readonly Rule[]): Rule[] {
  return wanted.flatMap(singleRules).filter((single) => !held.some((rule) => covers(rule, single)))
}

/** A rule as many that are about one verb on one thing each. */
function singleRules({
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
  verbs,
}: Rule): Rule[] {
  const named: readonly Pick<Rule, 'resourceNames'>[] =
    resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }))
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        named.map((names) => ({ apiGroups: [group], resources: [resource], ...names, verbs: [verb] })),
      ),
    ),
  )
  const onPaths = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })))
  return [...onResources, ...onPaths]
}

/** Whether a rule allows what a single one does. */
function covers(rule: Rule, single: Rule): boolean {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule
  const names = single.resourceNames ?? []
  return (
    hasAll(verbs, single.verbs) &&
    hasAll(apiGroups, single.apiGroups ?? []) &&
    (single.resources ?? []).every((resource) => coversResource(resources, resource)) &&
    (resourceNames.length === 0 || (names.length > 0 && names.every((name) => resourceNames.includes(name)))) &&
    (single.nonResourceURLs ?? []).every((url) => nonResourceURLs.some((own) => coversPath(own, url)))
  )
}

const hasAll = (own: readonly string[], asked: readonly string[]): boolean =>
  own.includes('*') || asked.every((one) => own.includes(one))

/** A star before a slash stands for that subresource of whatever has one. */
function coversResource(own: readonly string[], resource: string): boolean {
  if (own.includes('*') || own.includes(resource)) return true
  const at = resource.indexOf('/')
  return at !== -1 && own.includes(`*${resource.slice(at)}`)
}

const coversPath = (own: string, path: string): boolean =>
  own === path || (own.endsWith('*') && path.startsWith(own.replace(/\*+$/, '')))

/** Single rules as Kubernetes tells them, a line each: those of one resource with all their verbs. */
export function ruleLines(singles: readonly Rule[]): string {
  const together = new Map<string, Rule>()
  for (const single of singles) {
    const { verbs, ...about } = single
    const key = JSON.stringify(single.nonResourceURLs === undefined ? about : single)
    const known = together.get(key)
    together.set(key, known === undefined ? single : { ...known, verbs: [...known.verbs, ...verbs] })
  }
  return [...new Set([...together.values()].map(ruleText))].toSorted().join('\n')
}

function ruleText({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const parts: readonly (readonly [name: string, values: readonly string[] | undefined])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ]
  return `{${parts.flatMap(([name, values]) => (values === undefined ? [] : [`${name}:${goList(values)}`])).join(', ')}}`
}
