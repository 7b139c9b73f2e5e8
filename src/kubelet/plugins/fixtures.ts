/** A plugin for tests: it says what it is over a real socket, and keeps what the kubelet tells it. */

import { channel } from '../../base/async/channel.ts'
import type { Plain } from '../grpc/protocol.ts'
import { serveGrpc } from '../grpc/server.ts'
import { GET_INFO, NOTIFY_REGISTRATION_STATUS, REGISTRATION } from './registration-api.ts'

export interface PluginInfo {
  readonly type: string
  readonly name: string
  readonly endpoint?: string
  readonly supportedVersions?: readonly string[]
}

/** Answers for a plugin until it is closed, which takes its socket away. */
export async function registeringPlugin(socketPath: string, info: PluginInfo) {
  const told = channel<Plain>(100)
  const news = told[Symbol.asyncIterator]()
  const server = await serveGrpc({
    socketPath,
    protocol: REGISTRATION,
    methods: [
      { procedure: GET_INFO, answer: async () => info },
      {
        procedure: NOTIFY_REGISTRATION_STATUS,
        async answer(status) {
          told.push(status)
          return {}
        },
      },
    ],
  })
  return {
    /** What the kubelet tells it next. */
    status: async (): Promise<unknown> => (await news.next()).value,
    close: () => server.close(),
  }
}
