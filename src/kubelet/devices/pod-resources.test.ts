import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { silentLog } from '../../base/log.ts'
import { PreparedClaims } from '../claims/prepared-claims.ts'
import { type GrpcChannel, openGrpcChannel } from '../grpc/channel.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { NO_EDITS } from './container-edits.ts'
import { DeviceAllocations } from './device-allocations.ts'
import { servePodResources } from './pod-resources.ts'
import { GET, GET_ALLOCATABLE, LIST, POD_RESOURCES } from './pod-resources-api.ts'
import { RegisteredDevices } from './registered-devices.ts'

const options = { signal: new AbortController().signal, timeoutMs: 5_000 }

let folder: string
let stop: AbortController
let running: Promise<unknown>
let channel: GrpcChannel
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'gorae-pod-resources-'))
  stop = new AbortController()
  const allocations = new DeviceAllocations(path.join(folder, 'allocations'), silentLog)
  const resource = 'example.com/gpu'
  const devices = [
    { id: 'a', nodes: [0, 1] },
    { id: 'b', nodes: [] },
  ]
  allocations.add({ uid: 'u1', container: 'app', resource, devices, edits: NO_EDITS })
  const claims = new PreparedClaims(path.join(folder, 'claims'))
  const prepared = { poolName: 'p', deviceName: 'd', requestNames: [], cdiDeviceIds: ['example.com/nic=1'] }
  const drivers = { 'nic.example.com': [prepared] }
  claims.add({ namespace: 'default', name: 'mine', uid: 'c1', pods: ['u1'], drivers, isPrepared: true })
  const app = aContainer('app', { resources: { claims: [{ name: 'nic' }] } })
  const pod = aPod({
    initContainers: [aContainer('init'), aContainer('side', { restartPolicy: 'Always' })],
    containers: [app],
    resourceClaims: [{ name: 'nic', resourceClaimName: 'mine' }],
  })
  const registered = new RegisteredDevices(systemClock)
  running = servePodResources({ folder, registered, allocations, claims, pods: () => [pod] }, stop.signal)
  const socketPath = path.join(folder, 'kubelet.sock')
  while (!existsSync(socketPath)) await nextTurn()
  channel = openGrpcChannel({ socketPath, protocol: POD_RESOURCES, clock: systemClock })
})
afterEach(async () => {
  channel.close()
  stop.abort()
  await running
  rmSync(folder, { recursive: true, force: true })
})

const web = {
  name: 'web',
  namespace: 'default',
  containers: [
    { name: 'side', devices: [], dynamicResources: [] },
    {
      name: 'app',
      devices: [
        { resourceName: 'example.com/gpu', deviceIds: ['a'], topology: { nodes: [{ ID: '0' }] } },
        { resourceName: 'example.com/gpu', deviceIds: ['a'], topology: { nodes: [{ ID: '1' }] } },
        { resourceName: 'example.com/gpu', deviceIds: ['b'] },
      ],
      dynamicResources: [
        {
          claimName: 'mine',
          claimNamespace: 'default',
          claimResources: [
            {
              cdiDevices: [{ name: 'example.com/nic=1' }],
              driverName: 'nic.example.com',
              poolName: 'p',
              deviceName: 'd',
            },
          ],
        },
      ],
    },
  ],
}

test('programs on the node are told which devices containers have', async () => {
  expect(await channel.unary(LIST, {}, options)).toMatchObject({ podResources: [web] })
  const one = { podName: 'web', podNamespace: 'default' }
  expect(await channel.unary(GET, one, options)).toMatchObject({ podResources: web })
  await expect(channel.unary(GET, { ...one, podName: 'none' }, options)).rejects.toThrow(
    'pod none in namespace default not found',
  )
  expect(await channel.unary(GET_ALLOCATABLE, {}, options)).toMatchObject({ devices: [] })
})
