/** What a delete is answered with (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-deletion). */

/** Kinds that answer a delete with the object that is gone instead of a Status. */
const ANSWERS_WITH_OBJECT: ReadonlySet<string> = new Set([
  'v1/pods',
  'v1/podtemplates',
  'v1/persistentvolumeclaims',
  'v1/persistentvolumes',
  'v1/resourcequotas',
  'v1/serviceaccounts',
  'v1/services',
  'policy/v1/podsecuritypolicies',
  'resource.k8s.io/v1/deviceclasses',
  'resource.k8s.io/v1/resourceclaims',
  'resource.k8s.io/v1/resourceclaimtemplates',
  'resource.k8s.io/v1/resourceslices',
  'storage.k8s.io/v1/csidrivers',
  'storage.k8s.io/v1/csinodes',
  'storage.k8s.io/v1/storageclasses',
  'storage.k8s.io/v1/volumeattachments',
  'storage.k8s.io/v1/volumeattributesclasses',
])

/** Whether a delete of a resource is answered with the object that is gone. */
export function answersWithObject({ group, version, resource }: Named): boolean {
  return ANSWERS_WITH_OBJECT.has(group === '' ? `${version}/${resource}` : `${group}/${version}/${resource}`)
}

interface Named {
  readonly group: string
  readonly version: string
  readonly resource: string
}
