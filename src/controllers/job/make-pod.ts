/** The Pods of a Job, as they are created. */

import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { JOBS } from '../../client/resources.ts'
import { controllerReference, nameOf } from '../kit/ownership.ts'
import { podFromTemplate } from '../kit/pod-from-template.ts'
import {
  COMPLETION_INDEX,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  isPerIndex,
  type ReadJob,
  TRACKING,
} from './facts.ts'
import type { NewPod } from './work-plan.ts'

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'

/** A Pod of the Job's template; one with an index is told which, in annotation, label, variable and host name. */
export function jobPod(job: ReadJob, wanted: NewPod): Pod {
  const { spec } = job
  if (spec === undefined) throw new Error(`Job ${nameOf(job)} has no spec`)
  const pod = podFromTemplate({
    namespace: job.metadata.namespace ?? '',
    owner: controllerReference(job, JOBS),
    template: spec.template,
    finalizers: [TRACKING],
  })
  return wanted.index === undefined ? pod : withIndex(job, pod, wanted.index, wanted)
}

function withIndex(job: ReadJob, pod: Pod, index: number, { failures, ignoredFailures }: NewPod): Pod {
  const text = String(index)
  pod.metadata.generateName = `${nameOf(job)}-${text}-`
  pod.metadata.labels = { ...pod.metadata.labels, [COMPLETION_INDEX]: text }
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [COMPLETION_INDEX]: text,
    ...(isPerIndex(job) ? { [INDEX_FAILURES]: String(failures ?? 0) } : {}),
    ...(isPerIndex(job) && ignoredFailures !== undefined ? { [INDEX_IGNORED_FAILURES]: String(ignoredFailures) } : {}),
  }
  if (pod.spec !== undefined) {
    pod.spec.hostname = `${nameOf(job)}-${text}`
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) tellIndex(container)
  }
  return pod
}

function tellIndex(container: Container): void {
  if (container.env?.some(({ name }) => name === INDEX_VARIABLE) === true) return
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`
  container.env = [...(container.env ?? []), { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } }]
}
