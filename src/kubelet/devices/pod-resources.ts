/**
 * Tells programs on the node which devices containers have, over a socket
 * (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/#monitoring-device-plugin-resources).
 * This kubelet pins nothing to processors or memory, so it tells of none.
 */

import { rm } from 'node:fs/promises'
import path from 'node:path'

import { aborted } from '../../base/async/group.ts'
import { makeFolder } from '../../linux/folders.ts'
import { claimRequestsOf } from '../claims/claim-requests.ts'
import type { PreparedClaims } from '../claims/prepared-claims.ts'
import { text } from '../grpc/read.ts'
import { serveGrpc } from '../grpc/server.ts'
import { appContainersOf, initContainersOf, type KindedContainer, namesOf, type PodView } from '../pods/pod-view.ts'
import type { AllocatedDevice, DeviceAllocations } from './device-allocations.ts'
import { GET, GET_ALLOCATABLE, LIST, POD_RESOURCES } from './pod-resources-api.ts'
import type { RegisteredDevices } from './registered-devices.ts'

export interface PodResourcesDeps {
  readonly folder: string
  readonly registered: RegisteredDevices
  readonly allocations: DeviceAllocations
  readonly claims: PreparedClaims
  /** The Pods that are not over. */
  readonly pods: () => readonly PodView[]
}

/** Serves until `signal` aborts. */
export async function servePodResources(deps: PodResourcesDeps, signal: AbortSignal): Promise<void> {
  const { folder, pods } = deps
  const socketPath = path.join(folder, 'kubelet.sock')
  await makeFolder(folder, 0o750)
  await rm(socketPath, { force: true })
  const server = await serveGrpc({
    socketPath,
    protocol: POD_RESOURCES,
    methods: [
      { procedure: LIST, answer: async () => ({ podResources: pods().map((pod) => resourcesOf(pod, deps)) }) },
      {
        procedure: GET,
        async answer(request) {
          const [name, namespace] = [text(request['podName']), text(request['podNamespace'])]
          const pod = pods().find((one) => namesOf(one).name === name && namesOf(one).namespace === namespace)
          if (pod === undefined) throw new Error(`pod ${name} in namespace ${namespace} not found`)
          return { podResources: resourcesOf(pod, deps) }
        },
      },
      {
        procedure: GET_ALLOCATABLE,
        answer: async () => ({
          devices: deps.registered.resources.flatMap((resource) =>
            deps.registered.healthy(resource).flatMap((device) => deviceEntries(resource, device)),
          ),
        }),
      },
    ],
  })
  try {
    await aborted(signal)
  } finally {
    server.close()
  }
}

/** Containers that are there as long as the Pod is. */
function resourcesOf(pod: PodView, deps: PodResourcesDeps): object {
  const { uid, name, namespace } = namesOf(pod)
  const lasting = [...initContainersOf(pod).filter(({ kind }) => kind === 'sidecar'), ...appContainersOf(pod)]
  return {
    name,
    namespace,
    containers: lasting.map((container) => ({
      name: container.spec.name,
      devices: deps.allocations
        .ofContainer(uid, container.spec.name)
        .flatMap(({ resource, devices }) => devices.flatMap((device) => deviceEntries(resource, device))),
      dynamicResources: dynamicResourcesOf(pod, container, deps),
    })),
  }
}

/** One for each NUMA node that the device is near. */
function deviceEntries(resourceName: string, { id, nodes }: AllocatedDevice): readonly object[] {
  const entry = { resourceName, deviceIds: [id] }
  return nodes.length === 0 ? [entry] : nodes.map((ID) => ({ ...entry, topology: { nodes: [{ ID }] } }))
}

function dynamicResourcesOf(pod: PodView, container: KindedContainer, { claims }: PodResourcesDeps): readonly object[] {
  const { namespace } = namesOf(pod)
  const names = new Set(claimRequestsOf(pod, container).map(({ claim }) => claim))
  return [...names].flatMap((name) => {
    const claim = claims.get({ namespace, name })
    if (claim === undefined) return []
    const claimResources = Object.entries(claim.drivers).flatMap(([driverName, devices]) =>
      devices.map(({ cdiDeviceIds, poolName, deviceName, shareId }) => ({
        cdiDevices: cdiDeviceIds.map((id) => ({ name: id })),
        driverName,
        poolName,
        deviceName,
        shareId,
      })),
    )
    return [{ claimName: name, claimNamespace: namespace, claimResources }]
  })
}
