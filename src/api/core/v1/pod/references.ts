/** The objects that a Pod's spec names (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Container, EphemeralContainer, Pod, Volume } from '../../../generated/core-v1.ts'
import { claimNameOf } from './resource-claims.ts'

type SharedPod = DeepReadonly<Pod>
type AnyContainer = DeepReadonly<Pick<Container & EphemeralContainer, 'env' | 'envFrom'>>

function containersOf({ spec }: SharedPod): readonly AnyContainer[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])]
}

const named = (names: readonly (string | undefined)[]): string[] => [
  ...new Set(names.filter((name): name is string => name !== undefined && name !== '')),
]

/** The Secrets of the Pod's namespace that its containers, volumes and image pulls need. */
export function podSecretNames(pod: SharedPod): string[] {
  return named([
    ...(pod.spec?.imagePullSecrets ?? []).map(({ name }) => name),
    ...containersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ]),
    ...(pod.spec?.volumes ?? []).flatMap(volumeSecretNames),
  ])
}

function volumeSecretNames(volume: DeepReadonly<Volume>): (string | undefined)[] {
  const { azureFile, cephfs, cinder, csi, flexVolume, iscsi, projected, rbd, scaleIO, secret, storageos } = volume
  return [
    azureFile?.secretName,
    csi?.nodePublishSecretRef?.name,
    secret?.secretName,
    ...[cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos].map((source) => source?.secretRef?.name),
    ...(projected?.sources ?? []).map((source) => source.secret?.name),
  ]
}

/** The ConfigMaps of the Pod's namespace that its containers and volumes need. */
export function podConfigMapNames(pod: SharedPod): string[] {
  return named([
    ...containersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ]),
    ...(pod.spec?.volumes ?? []).flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
  ])
}

/** The PersistentVolumeClaims of the Pod's volumes, those made for it among them. */
export function podClaimNames({ metadata, spec }: SharedPod): string[] {
  return named(
    (spec?.volumes ?? []).map(({ name, persistentVolumeClaim, ephemeral }) =>
      ephemeral === undefined ? persistentVolumeClaim?.claimName : `${metadata.name}-${name}`,
    ),
  )
}

/** The ResourceClaims that the Pod has; those that are yet to be made have no name. */
export function podResourceClaimNames(pod: SharedPod): string[] {
  const own = (pod.spec?.resourceClaims ?? []).map((claim) => {
    const found = claimNameOf(pod, claim)
    return typeof found === 'object' ? found.name : undefined
  })
  return named([...own, pod.status?.extendedResourceClaimStatus?.resourceClaimName])
}
