/** What the kubelet asks of a driver for one use of a volume (https://kubernetes-csi.github.io/docs/). */

import type { TokenRequest } from '../../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { specOf } from '../../pods/pod-view.ts'
import type { CsiUse } from './csi-use.ts'
import type { NodeCapability } from './messages.ts'
import type { ExpandRequest, PublishRequest, StageRequest } from './node-service.ts'
import { type DriverObject, podInfo, volumeCapability } from './rules.ts'

type Texts = Readonly<Record<string, string>>

/** What is known of the driver, of the node and of the volume's places there; paths are the driver's. */
export interface RequestFacts {
  readonly driver: DriverObject
  readonly capabilities: ReadonlySet<NodeCapability>
  /** What the attachment tells. */
  readonly publishContext: Texts
  readonly stagingPath: string
  readonly targetPath: string
}

const TOKENS = 'csi.storage.k8s.io/serviceAccount.tokens'

export async function stageRequest(use: CsiUse, facts: RequestFacts): Promise<StageRequest> {
  const { volume } = use
  const { capabilities, publishContext, stagingPath } = facts
  return {
    volumeId: volume.volumeHandle,
    publishContext,
    stagingTargetPath: stagingPath,
    volumeCapability: volumeCapability(volume, capabilities, fsGroupOf(use)),
    secrets: await secretsOf(use, 'stage', 'fetching NodeStageSecretRef'),
    volumeContext: volume.attributes,
  }
}

export async function publishRequest(use: CsiUse, facts: RequestFacts): Promise<PublishRequest> {
  const { pod, volume, readOnly } = use
  const { driver, capabilities, publishContext, stagingPath, targetPath } = facts
  const secrets = await secretsOf(use, 'publish', 'fetching NodePublishSecretRef')
  const tokens = volume.isBlock ? {} : await tokensOf(use, driver)
  const areSecret = driver?.spec.serviceAccountTokenInSecrets === true
  return {
    volumeId: volume.volumeHandle,
    publishContext,
    ...(capabilities.has('STAGE_UNSTAGE_VOLUME') && !volume.isInline && { stagingTargetPath: stagingPath }),
    targetPath,
    volumeCapability: volumeCapability(volume, capabilities, fsGroupOf(use)),
    readonly: readOnly,
    secrets: areSecret ? { ...secrets, ...tokens } : secrets,
    volumeContext: { ...volume.attributes, ...podInfo(pod, volume, driver), ...(areSecret ? {} : tokens) },
  }
}

export async function expandRequest(use: CsiUse, facts: RequestFacts, requiredBytes: number): Promise<ExpandRequest> {
  const { volume } = use
  const { capabilities, stagingPath, targetPath } = facts
  return {
    volumeId: volume.volumeHandle,
    volumePath: targetPath,
    ...(capabilities.has('STAGE_UNSTAGE_VOLUME') && { stagingTargetPath: stagingPath }),
    requiredBytes,
    volumeCapability: volumeCapability(volume, capabilities),
    secrets: await secretsOf(use, 'expand', 'expander.NodeExpand failed to get NodeExpandSecretRef'),
  }
}

const fsGroupOf = ({ pod }: CsiUse): number | undefined => specOf(pod).securityContext?.fsGroup

async function secretsOf({ volume, secret }: CsiUse, call: keyof typeof volume.secrets, what: string): Promise<Texts> {
  const ref = volume.secrets[call]
  if (ref === undefined) return {}
  const { namespace = '', name = '' } = ref
  const found = await secret({ namespace, name })
  if (found === undefined) {
    const why = `failed to find the secret ${name} in the namespace ${namespace} with error: secrets "${name}" not found`
    throw new Error(`${what} ${namespace}/${name} failed: kubernetes.io/csi: ${why}`)
  }
  const entries = Object.entries(found.data ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

/** Tokens of the Pod's service account, for each audience that the driver wants them for. */
async function tokensOf({ token }: CsiUse, driver: DriverObject): Promise<Texts> {
  const requests: readonly DeepReadonly<TokenRequest>[] = driver?.spec.tokenRequests ?? []
  if (requests.length === 0) return {}
  const issued = await Promise.all(
    requests.map(async (request) => {
      const { token: text, expirationTimestamp } = await token(request)
      return [request.audience ?? '', { token: text, expirationTimestamp }] as const
    }),
  )
  return { [TOKENS]: JSON.stringify(Object.fromEntries(issued)) }
}
