/** Autoscalers whose targets share Pods: none of them may scale (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work). */

import type { Selector } from '../../meta/label-selector.ts'
import type { ReadPod } from '../kit/pods.ts'

/** By what each autoscaler last found its Pods. */
export class Rivals {
  readonly #selectors = new Map<string, { readonly namespace: string; readonly matcher: Selector }>()

  /** The autoscaler of this key finds its Pods so. */
  note(key: string, namespace: string, matcher: Selector): void {
    this.#selectors.set(key, { namespace, matcher })
  }

  /** The autoscalers that would scale by any of these Pods. */
  over(covered: readonly ReadPod[]): readonly string[] {
    const namespace = covered[0]?.metadata.namespace
    return [...this.#selectors]
      .filter(
        ([, other]) =>
          other.namespace === namespace && covered.some((pod) => other.matcher.matches(pod.metadata.labels)),
      )
      .map(([key]) => key)
      .toSorted()
  }

  forget(key: string): void {
    this.#selectors.delete(key)
  }
}
