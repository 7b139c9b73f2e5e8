/**
 * Gives every Pod an account, and its containers a token for it
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#serviceaccount-admission-controller).
 */

import { TOKEN_VOLUME_PREFIX } from '../../api/core/v1/pod/alike.ts'
import type { Container, Pod, ServiceAccount, Volume } from '../../api/generated/core-v1.ts'
import { nameSuffix, type Random } from '../../base/random.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { forbidden } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'
import { refusal } from './refuse.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { pathSegmentName } from '../../meta/names.ts'

const MIRROR = 'kubernetes.io/config.mirror'
const ENFORCE_SECRETS = 'kubernetes.io/enforce-mountable-secrets'
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Tokens are renewed by the kubelet long before this. */
const TOKEN_SECONDS = 3_607
const READABLE = 420

export function serviceAccountAdmission(accounts: WatchCache, random: Random): AdmissionPlugin {
  const accountOf = (namespace: string, name: string) =>
    accounts.get(namespace, name)?.object as DeepReadonly<ServiceAccount> | undefined
  return {
    name: 'ServiceAccount',
    mutate(request) {
      const { operation, resource, subresource, namespace, object } = request
      if (operation !== 'CREATE' || resource.key !== 'v1/pods' || subresource !== '') return
      const pod = object as Pod & KubeObject
      const spec = pod.spec!
      const refuse = (why: string) => refusal(request, why)
      if (pod.metadata.annotations?.[MIRROR] !== undefined) {
        if ((spec.serviceAccountName ?? '') !== '') throw refuse('a mirror pod may not reference service accounts')
        if (
          spec.volumes?.some(({ projected }) => projected?.sources?.some((one) => one.serviceAccountToken)) === true
        ) {
          throw refuse('a mirror pod may not use ServiceAccountToken volume projections')
        }
        return
      }
      if ((spec.serviceAccountName ?? '') === '') spec.serviceAccountName = 'default'
      const account = accountOf(namespace, spec.serviceAccountName!)
      if (account === undefined) {
        const used = spec.serviceAccountName!
        const wrong = pathSegmentName(used)
        if (wrong.length > 0) {
          const words = `invalid resource name ${goQuote(used)}: [${wrong.join(' ')}]`
          throw refuse(`error looking up service account ${namespace}/${used}: ${words}`)
        }
        throw refuse(`error looking up service account ${namespace}/${used}: serviceaccount ${goQuote(used)} not found`)
      }
      spec.serviceAccount = spec.serviceAccountName!
      if (mountsToken(spec, account)) mountToken(spec, random)
      if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
        spec.imagePullSecrets = structuredClone(account.imagePullSecrets) as NonNullable<typeof spec.imagePullSecrets>
      }
    },
    validate({ operation, resource, subresource, namespace, name, object }) {
      if (operation !== 'CREATE' || resource.key !== 'v1/pods' || subresource !== '') return
      const { spec } = object as Pod
      const account = accountOf(namespace, spec?.serviceAccountName ?? '')
      if (account?.metadata?.annotations?.[ENFORCE_SECRETS] !== 'true') return
      const allowed = new Set((account.secrets ?? []).map((secret) => secret.name))
      const other = secretsOf(spec).find(({ secret }) => !allowed.has(secret))
      if (other === undefined) return
      const why = `is not allowed because service account ${account.metadata?.name ?? ''} does not reference that secret`
      throw forbidden({ resource: 'pods', name }, `${other.use}=${JSON.stringify(other.secret)} ${why}`)
    },
  }
}

type PodSpec = NonNullable<Pod['spec']>

/** The Secrets a Pod would read, and in which words that is told. */
function secretsOf(spec: PodSpec | undefined): { readonly secret: string; readonly use: string }[] {
  const volumes = (spec?.volumes ?? []).flatMap(({ secret }) =>
    secret?.secretName === undefined ? [] : [{ secret: secret.secretName, use: 'volume with secret.secretName' }],
  )
  const inits = (spec?.initContainers ?? []).flatMap((container) => environmentSecrets('init container', container))
  const containers = (spec?.containers ?? []).flatMap((container) => environmentSecrets('container', container))
  return [...volumes, ...inits, ...containers]
}

function environmentSecrets(what: string, { name, env = [], envFrom = [] }: Container) {
  const all = envFrom.flatMap(({ secretRef }) =>
    secretRef === undefined
      ? []
      : [{ secret: secretRef.name ?? '', use: `${what} ${name} with envFrom referencing secret.secretName` }],
  )
  const single = env.flatMap(({ name: variable, valueFrom }) =>
    valueFrom?.secretKeyRef === undefined
      ? []
      : [
          {
            secret: valueFrom.secretKeyRef.name ?? '',
            use: `${what} ${name} with envVar ${variable} referencing secret.secretName`,
          },
        ],
  )
  return [...single, ...all]
}

/** The Pod's own wish counts before the account's. */
function mountsToken(spec: PodSpec, account: DeepReadonly<ServiceAccount>): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
}

function mountToken(spec: PodSpec, random: Random): void {
  const containers: Container[] = [...(spec.initContainers ?? []), ...spec.containers]
  const existing = spec.volumes?.find(({ name }) => name.startsWith(TOKEN_VOLUME_PREFIX))
  const volume = existing?.name ?? TOKEN_VOLUME_PREFIX + nameSuffix(random)
  let isUsed = false
  for (const container of containers) {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH) === true) continue
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { name: volume, readOnly: true, mountPath: MOUNT_PATH },
    ]
    isUsed = true
  }
  if (isUsed && existing === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(volume)]
}

/** The token, the cluster's authority, and the namespace. */
function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: READABLE,
    },
  }
}
