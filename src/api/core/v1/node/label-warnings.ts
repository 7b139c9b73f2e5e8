/** Labels of nodes that are out of use (https://kubernetes.io/docs/reference/labels-annotations-taints/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { labelValue } from '../../../../meta/names.ts'
import type { NodeSelectorTerm } from '../../../generated/core-v1.ts'

const OLD_LABELS: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ['failure-domain.beta.kubernetes.io/region', 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ['failure-domain.beta.kubernetes.io/zone', 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ['beta.kubernetes.io/instance-type', 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  ['scheduler.alpha.kubernetes.io/preferAvoidPods', 'deprecated since v1.22; use Taints and Tolerations instead'],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
])

/** What is to be said of a label of nodes; `undefined` for those in use. */
export function oldNodeLabel(key: string): string | undefined {
  return OLD_LABELS.get(key)
}

/** What is to be said of a term at `path`. Bad values are refused where a term is required, and warned of where it is preferred. */
export function nodeTermWarnings(
  term: DeepReadonly<NodeSelectorTerm> | undefined,
  path: FieldPath,
  { isPreferred }: { readonly isPreferred: boolean },
): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key, values }, at) => {
    const here = path.child('matchExpressions').index(at)
    const old = oldNodeLabel(key)
    const bad = (values ?? []).flatMap((value, index) =>
      labelValue(value).map(
        (fault) => `${here.child('values').index(index).toString()}: ${value} is invalid, ${fault}`,
      ),
    )
    return [
      ...(old === undefined ? [] : [`${here.child('key').toString()}: ${key} is ${old}`]),
      ...(isPreferred ? bad : []),
    ]
  })
}
