/** Probes over the node's own network (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#probe-check-methods). */

import http from 'node:http'
import https from 'node:https'
import net from 'node:net'

import { Client, connectivityState, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'

import type { Clock } from '../../../base/clock.ts'
import { formatMilliseconds } from '../../../wire/decode/duration.ts'
import { dialFailure, hostPort, networkFailure } from '../../../wire/network-failures.ts'
import type { HttpRequest, ProbeAnswer, ProbeNetwork } from '../host.ts'

/** As much of an answer's body as an event quotes. */
const MAX_BODY = 10 * 1024
const MAX_REDIRECTS = 10

const success = (output: string): ProbeAnswer => ({ outcome: 'success', output })
const failure = (output: string): ProbeAnswer => ({ outcome: 'failure', output })

export function linuxProbeNetwork(clock: Clock, userAgent: string): ProbeNetwork {
  return {
    tcp: (host, port, timeoutMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const socket = net.connect({ host, port })
        const settle = (run: () => void) => {
          cancel()
          signal.removeEventListener('abort', onAbort)
          socket.destroy()
          run()
        }
        const onAbort = () => settle(() => reject(signal.reason))
        const cancel = clock.after(timeoutMs, () =>
          settle(() => resolve(failure(dialFailure({ host, port }, 'i/o timeout')))),
        )
        socket.once('connect', () => settle(() => resolve(success(''))))
        socket.once('error', (error) => settle(() => resolve(failure(networkFailure({ host, port }, error)))))
        signal.addEventListener('abort', onAbort, { once: true })
      }),
    async http(request, signal) {
      const limit = new AbortController()
      const cancel = clock.after(request.timeoutMs, () => limit.abort())
      try {
        return await followHttp(request, userAgent, AbortSignal.any([signal, limit.signal]))
      } catch (error) {
        signal.throwIfAborted()
        const url = urlOf(request)
        if (limit.signal.aborted) {
          return failure(`Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
        }
        return failure(`Get "${url}": ${networkFailure(request, error)}`)
      } finally {
        cancel()
      }
    },
    grpc: (host, port, service, timeoutMs, signal) =>
      grpcHealth({ target: hostPort({ host, port }), service, timeoutMs, clock }, signal),
  }
}

const urlOf = ({ scheme, host, port, path }: HttpRequest) =>
  `${scheme.toLowerCase()}://${hostPort({ host, port })}${path.startsWith('/') ? path : `/${path}`}`

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

/** Redirects are followed on the same host; one that leads elsewhere, or nowhere, counts as an answer. */
async function followHttp(request: HttpRequest, userAgent: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const own = new Map(request.headers.map(({ name, value }) => [name.toLowerCase(), value]))
  const headers = { 'user-agent': userAgent, accept: '*/*', connection: 'close', ...Object.fromEntries(own) }
  let url = new URL(urlOf(request))
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await fetchOnce(url, headers, signal)
    const { code, location, body } = answer
    const next = REDIRECTS.includes(code) && location !== undefined ? new URL(location, url) : undefined
    if (next?.hostname === url.hostname) {
      url = next
      continue
    }
    if (request.anyStatus === true || (code >= 200 && code < 300)) return success(body)
    if (code < 200 || code >= 400) return failure(`HTTP probe failed with statuscode: ${code}`)
    return { ...success(`Probe terminated redirects, Response body: ${body}`), isWarning: true }
  }
  return failure(`Get "${urlOf(request)}": stopped after ${MAX_REDIRECTS} redirects`)
}

interface HttpAnswer {
  readonly code: number
  readonly location: string | undefined
  readonly body: string
}

function fetchOnce(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { headers, signal, agent: false as const, rejectUnauthorized: false }
    const onAnswer = (answer: http.IncomingMessage) => {
      const chunks: Buffer[] = []
      let size = 0
      const done = () => {
        answer.destroy()
        const body = Buffer.concat(chunks).subarray(0, MAX_BODY).toString('utf8')
        resolve({ code: answer.statusCode ?? 0, location: answer.headers.location, body })
      }
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size >= MAX_BODY) done()
      })
      answer.on('end', done)
      answer.on('error', reject)
    }
    const request = url.protocol === 'https:' ? https.get(url, options, onAnswer) : http.get(url, options, onAnswer)
    request.on('error', reject)
  })
}

interface GrpcCheck {
  readonly target: string
  readonly service: string
  readonly timeoutMs: number
  readonly clock: Clock
}

/** What `HealthCheckResponse.status` 1 means: the service serves. */
const SERVING = 1

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
function grpcHealth({ target, service, timeoutMs, clock }: GrpcCheck, signal: AbortSignal): Promise<ProbeAnswer> {
  const client = new Client(target, credentials.createInsecure(), { 'grpc.enable_retries': 0 })
  return new Promise<ProbeAnswer>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let late = false
    const settle = (answer: ProbeAnswer) => {
      cancel()
      signal.removeEventListener('abort', onAbort)
      if (signal.aborted) reject(signal.reason)
      else resolve(answer)
    }
    const call = client.makeUnaryRequest<string, number>(
      '/grpc.health.v1.Health/Check',
      encodeService,
      decodeStatus,
      service,
      new Metadata(),
      (error, value) => {
        const isConnected = client.getChannel().getConnectivityState(false) === connectivityState.READY
        settle(
          error === null ? servingAnswer(value ?? 0) : grpcFailure(error, { target, late, isConnected, timeoutMs }),
        )
      },
    )
    const onAbort = () => call.cancel()
    const cancel = clock.after(timeoutMs, () => {
      late = true
      call.cancel()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  }).finally(() => client.close())
}

const HEALTH: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

function servingAnswer(value: number): ProbeAnswer {
  return value === SERVING
    ? success('service healthy')
    : failure(`service unhealthy (responded with "${HEALTH[value] ?? value}")`)
}

interface GrpcAttempt {
  readonly target: string
  /** It was cut off when its time was over. */
  readonly late: boolean
  readonly isConnected: boolean
  readonly timeoutMs: number
}

function grpcFailure(error: ServiceError, { target, late, isConnected, timeoutMs }: GrpcAttempt): ProbeAnswer {
  const within = formatMilliseconds(timeoutMs)
  if (late && isConnected) return failure(`timeout: health rpc did not complete within ${within}`)
  if (late || error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED)
    return failure(`timeout: failed to connect service "${target}" within ${within}: context deadline exceeded`)
  if (error.code === status.UNIMPLEMENTED) {
    const what = 'this server does not implement the grpc health protocol (grpc.health.v1.Health)'
    return failure(`error: ${what}: ${error.details}`)
  }
  return failure(`error: health rpc probe failed: rpc error: code = ${codeName(error.code)} desc = ${error.details}`)
}

/** As Go writes it, e.g. `NotFound`. */
const codeName = (code: status): string =>
  (status[code] ?? 'UNKNOWN').toLowerCase().replaceAll(/(?:^|_)[a-z]/g, (start) => start.slice(-1).toUpperCase())

/** `HealthCheckRequest { string service = 1 }` */
function encodeService(service: string): Buffer {
  const bytes = Buffer.from(service, 'utf8')
  return bytes.length === 0 ? bytes : Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}

/** `HealthCheckResponse { ServingStatus status = 1 }` */
const decodeStatus = (bytes: Buffer): number => (bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0)
