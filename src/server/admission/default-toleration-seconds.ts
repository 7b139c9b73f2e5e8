/**
 * Pods stay five minutes on a node that is out of reach, unless they say otherwise
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions).
 */

import type { Pod, Toleration } from '../../api/generated/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'
import { isResource } from './refuse.ts'

const OUTAGES = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const STAY_SECONDS = 300

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    const { operation, subresource, object } = request
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || subresource !== '' || !isResource(request, 'pods')) return
    const { spec } = object as Pod
    if (spec === undefined) return
    const tolerations = spec.tolerations ?? []
    const missing = OUTAGES.filter((key) => !tolerations.some((toleration) => covers(toleration, key)))
    if (missing.length === 0) return
    spec.tolerations = [...tolerations, ...missing.map(toleration)]
  },
}

const covers = ({ key = '', effect }: Toleration, outage: string) =>
  (key === '' || key === outage) && (effect === undefined || effect === 'NoExecute')

const toleration = (key: string): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: STAY_SECONDS,
})
