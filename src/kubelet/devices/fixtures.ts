/** A device plugin for tests, over a real socket: it registers with the kubelet as any does. */

import path from 'node:path'

import { channel } from '../../base/async/channel.ts'
import { systemClock } from '../../base/clock.ts'
import { openGrpcChannel } from '../grpc/channel.ts'
import { serveGrpc } from '../grpc/server.ts'
import { texts } from '../grpc/read.ts'
import { DEVICE_PLUGIN, METHODS, REGISTER } from './device-plugin-api.ts'

export interface FakeDevice {
  readonly ID: string
  readonly health: 'Healthy' | 'Unhealthy'
}

export interface FakePluginOptions {
  readonly folder: string
  readonly resource: string
  readonly devices: readonly FakeDevice[]
  readonly options?: { readonly preStartRequired?: boolean; readonly getPreferredAllocationAvailable?: boolean }
  readonly prefers?: readonly string[]
  /** What it gives with these devices. Throws: it cannot. */
  readonly give?: (ids: readonly string[]) => object
}

/** Serves, and has registered when it resolves. */
export async function fakeDevicePlugin(options: FakePluginOptions) {
  const { folder, resource } = options
  const endpoint = `${resource.replace('/', '_')}.sock`
  const lists = channel<readonly FakeDevice[]>(100)
  lists.push(options.devices)
  const calls: (readonly [string, unknown])[] = []
  const server = await serveGrpc({
    socketPath: path.join(folder, endpoint),
    protocol: DEVICE_PLUGIN,
    methods: [
      { procedure: METHODS.options, answer: async () => options.options ?? {} },
      {
        procedure: METHODS.listAndWatch,
        async *stream() {
          for await (const devices of lists) yield { devices }
        },
      },
      {
        procedure: METHODS.preferred,
        async answer({ containerRequests }) {
          calls.push(['preferred', containerRequests])
          return { containerResponses: [{ deviceIDs: options.prefers ?? [] }] }
        },
      },
      {
        procedure: METHODS.allocate,
        async answer({ containerRequests }) {
          const [request] = containerRequests as { readonly devicesIds: readonly string[] }[]
          const ids = texts(request?.devicesIds)
          calls.push(['allocate', ids])
          return { containerResponses: [options.give?.(ids) ?? { envs: { DEVICES: ids.join(',') } }] }
        },
      },
      {
        procedure: METHODS.preStart,
        async answer({ devicesIds }) {
          calls.push(['preStart', devicesIds])
          return {}
        },
      },
    ],
  })
  const register = async (version = 'v1beta1') => {
    const socketPath = path.join(folder, 'kubelet.sock')
    const kubelet = openGrpcChannel({ socketPath, protocol: DEVICE_PLUGIN, clock: systemClock })
    try {
      const request = { version, endpoint, resourceName: resource }
      await kubelet.unary(REGISTER, request, { signal: new AbortController().signal, timeoutMs: 5_000 })
    } finally {
      kubelet.close()
    }
  }
  return {
    calls,
    register,
    /** It has other devices now. */
    tell: (devices: readonly FakeDevice[]) => lists.push(devices),
    close: () => server.close(),
  }
}
