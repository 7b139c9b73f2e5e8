/** A driver for dynamic resource allocation for tests, over a real socket. */

import { channel } from '../../base/async/channel.ts'
import { messages, text } from '../grpc/read.ts'
import { serveGrpc } from '../grpc/server.ts'
import { DRA, prepareMethod, type Service, unprepareMethod, WATCH_RESOURCES } from './dra-api.ts'

export interface FakeDriverOptions {
  readonly socketPath: string
  readonly service?: Service
  /** What it prepares for a claim: devices, or why it cannot. */
  readonly prepare?: (claim: string) => { readonly devices?: readonly object[]; readonly error?: string } | undefined
  readonly unprepare?: (claim: string) => { readonly error?: string } | undefined
}

/** Answers until it is closed. */
export async function fakeDraDriver({ socketPath, service = 'v1.DRAPlugin', ...options }: FakeDriverOptions) {
  const calls: string[] = []
  const reports = channel<readonly object[]>(100)
  const each = (claims: unknown, what: string, answer: (name: string) => object | undefined) =>
    Object.fromEntries(
      messages(claims).flatMap((claim) => {
        calls.push(`${what} ${text(claim['namespace'])}/${text(claim['name'])}`)
        const result = answer(text(claim['name']))
        return result === undefined ? [] : [[text(claim['uid']), result]]
      }),
    )
  const server = await serveGrpc({
    socketPath,
    protocol: DRA,
    methods: [
      {
        procedure: prepareMethod(service),
        answer: async ({ claims }) => ({ claims: each(claims, 'prepare', options.prepare ?? (() => ({}))) }),
      },
      {
        procedure: unprepareMethod(service),
        answer: async ({ claims }) => ({ claims: each(claims, 'unprepare', options.unprepare ?? (() => ({}))) }),
      },
      {
        procedure: WATCH_RESOURCES,
        async *stream() {
          for await (const devices of reports) yield { devices }
        },
      },
    ],
  })
  return {
    calls,
    /** Tells how its devices are. */
    tell: (devices: readonly object[]) => reports.push(devices),
    close: () => server.close(),
  }
}
