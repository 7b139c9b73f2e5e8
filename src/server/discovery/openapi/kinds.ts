/** Which groups, versions and kinds a type is spoken of as (https://kubernetes.io/docs/reference/using-api/api-concepts/). */

import { keyPrefixes } from '../../../api/generated/facts.ts'

/** The kinds a root type answers to. Some are spoken in every group; of a document of one, there and in the core. */
export function kindsOf(typeKey: string, only?: GroupVersion): { group: string; version: string; kind: string }[] {
  const dot = typeKey.lastIndexOf('.')
  const [prefix, kind] = [typeKey.slice(0, dot), typeKey.slice(dot + 1)]
  if (typeKey === 'core/v1.ObjectReference') return []
  if (prefix === 'meta/v1' && (kind === 'DeleteOptions' || kind === 'WatchEvent')) {
    const spoken = only === undefined ? knownVersions() : [CORE, only].slice(isCore(only) ? 1 : 0)
    return spoken.map(({ group, version }) => ({ group, kind, version }))
  }
  return Object.entries(keyPrefixes)
    .filter(([apiVersion, own]) => (prefix === 'meta/v1' ? apiVersion === 'v1' : own === prefix))
    .map(([apiVersion]) => ({ ...groupVersion(apiVersion), kind }))
    .map(({ group, version }) => ({ group, kind, version }))
}

export interface GroupVersion {
  readonly group: string
  readonly version: string
}

const CORE: GroupVersion = { group: '', version: 'v1' }

function isCore({ group, version }: GroupVersion): boolean {
  return group === CORE.group && version === CORE.version
}

function groupVersion(apiVersion: string): GroupVersion {
  const [version, group = ''] = apiVersion.split('/').toReversed() as [string, string?]
  return { group, version }
}

/** All that were ever served, by group: clients may speak of objects in any of them. */
function knownVersions(): readonly GroupVersion[] {
  const earlier = Object.entries(EARLIER).flatMap(([group, versions]) =>
    versions.split(' ').map((version) => ({ group, version })),
  )
  const served = Object.keys(keyPrefixes).map(groupVersion)
  return [...served, ...earlier]
    .filter(({ group }) => !ELSEWHERE.has(group))
    .toSorted((a, b) => (`${a.group} ${a.version}` < `${b.group} ${b.version}` ? -1 : 1))
}

/** Of these, objects are never deleted here. */
const ELSEWHERE: ReadonlySet<string> = new Set(['apidiscovery.k8s.io', 'metrics.k8s.io', 'meta.k8s.io'])

/** Versions that are not served any more, or not yet. */
const EARLIER: Readonly<Record<string, string>> = {
  'admission.k8s.io': 'v1beta1',
  'admissionregistration.k8s.io': 'v1alpha1 v1beta1',
  'apiextensions.k8s.io': 'v1beta1',
  'apiregistration.k8s.io': 'v1beta1',
  apps: 'v1beta1 v1beta2',
  'authentication.k8s.io': 'v1alpha1 v1beta1',
  'authorization.k8s.io': 'v1beta1',
  batch: 'v1beta1',
  'certificates.k8s.io': 'v1alpha1 v1beta1',
  'coordination.k8s.io': 'v1alpha2 v1beta1',
  'discovery.k8s.io': 'v1beta1',
  'events.k8s.io': 'v1beta1',
  extensions: 'v1beta1',
  'flowcontrol.apiserver.k8s.io': 'v1beta1 v1beta2 v1beta3',
  'imagepolicy.k8s.io': 'v1alpha1',
  'internal.apiserver.k8s.io': 'v1alpha1',
  'networking.k8s.io': 'v1beta1',
  'node.k8s.io': 'v1alpha1 v1beta1',
  policy: 'v1beta1',
  'rbac.authorization.k8s.io': 'v1alpha1 v1beta1',
  'resource.k8s.io': 'v1alpha3 v1beta1 v1beta2',
  'scheduling.k8s.io': 'v1alpha2 v1beta1',
  'storage.k8s.io': 'v1alpha1 v1beta1',
  'storagemigration.k8s.io': 'v1beta1',
}
