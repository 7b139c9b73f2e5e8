/** What Kubernetes warns the writers of workloads about: names that make bad host names, and what is odd in the template. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { fieldPath, type FieldPath } from '../../meta/field-path.ts'
import { dnsLabel } from '../../meta/names.ts'
import type { KubeObject } from '../../meta/types.ts'
import { podTemplateWarnings } from '../core/v1/pod/warnings.ts'
import type { PodTemplateSpec } from '../generated/core-v1.ts'

const HOSTNAME =
  'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'

/** For a new object whose Pods are called after it. */
export function podNameWarnings({ metadata }: DeepReadonly<KubeObject>): string[] {
  const wrong = dnsLabel(metadata.name ?? '')
  return wrong.length === 0 ? [] : [`${HOSTNAME}: [${wrong.join(' ')}]`]
}

interface WithTemplate extends KubeObject {
  spec?: { template?: PodTemplateSpec }
}

const TEMPLATE = fieldPath('spec', 'template')

/** For the template of a workload that is new, or whose spec was changed. */
export function templateWarnings(
  object: DeepReadonly<WithTemplate>,
  old: DeepReadonly<WithTemplate> | undefined,
  path: FieldPath = TEMPLATE,
): readonly string[] {
  if (old !== undefined && old.metadata.generation === object.metadata.generation) return []
  return object.spec?.template === undefined ? [] : podTemplateWarnings(object.spec.template, path)
}

/** Both of the above. */
export function workloadWarnings(
  object: DeepReadonly<WithTemplate>,
  old: DeepReadonly<WithTemplate> | undefined,
): readonly string[] {
  return [...(old === undefined ? podNameWarnings(object) : []), ...templateWarnings(object, old)]
}
