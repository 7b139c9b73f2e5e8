/** The kubelet's plain requests: logs, Pods, statistics, health. */

import { type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'

import { health } from '../../base/health.ts'
import { processStart } from '../../base/metrics/process.ts'
import { flagzPage, statuszPage, type Zpage, zpageForm, zpageObject } from '../../base/zpages.ts'
import { type Clock, fromTime } from '../../base/clock.ts'
import { shownNodeConfig } from '../config/show-config.ts'
import { configOf } from '../node/node-status.ts'
import type { NodeOptions } from '../options.ts'
import { type KubeletApi, KubeletRefusal } from './kubelet-api.ts'
import { type Family, metricsText } from '../../base/metrics/text.ts'
import { ownFamilies } from './own-metrics.ts'
import { cadvisorFamilies } from './cadvisor-metrics.ts'
import { resourceFamilies } from './resource-metrics.ts'
import { flagsOf } from './flagz.ts'
import { nodeLogs } from './node-logs.ts'
import { addressOf } from './request-address.ts'
import { STATUSZ_PATHS } from './statusz.ts'
import { summaryOf } from './summary.ts'

export interface RouteDeps {
  readonly api: KubeletApi
  readonly node: NodeOptions
  readonly clock: Clock
  /** The address that is listened at. */
  readonly host: string
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

/** Answers, or throws `KubeletRefusal` before anything was answered. */
export async function routeRequest(deps: RouteDeps, exchange: Exchange, signal: AbortSignal): Promise<void> {
  const { request, response } = exchange
  const { api, node, clock } = deps
  const { url, parts } = addressOf(request.url ?? '/')
  const [verb, ...rest] = parts
  const get = request.method === 'GET' || request.method === 'HEAD'
  const route = get ? url.pathname : `${request.method} ${url.pathname}`
  switch (route) {
    case '/statusz':
      return statusz(deps, exchange)
    case '/flagz':
      return flagz(deps, exchange)
    case '/pods':
    case '/pods/':
      return json(response, podList(api.pods))
    case '/runningpods':
    case '/runningpods/':
      return json(response, podList(api.running))
    case '/configz':
      return json(response, { kubeletconfig: shownNodeConfig(node, deps.host) })
    case '/stats/summary':
      return json(response, await summary(deps, url.searchParams, signal))
    case '/metrics/resource':
      return metrics(response, resourceFamilies(await api.snapshot({}, signal)))
    case '/metrics/cadvisor':
      return metrics(
        response,
        cadvisorFamilies(await api.snapshot({ details: true, traffic: true }, signal), api.machine),
      )
    case '/metrics/slis':
      return metrics(response, api.metrics.health.families(clock.now()))
    case '/metrics/probes':
      return metrics(response, [...api.metrics.probes, processStart(clock.now())])
    case '/metrics':
      return metrics(response, await ownFamilies(api, { node, now: clock.now() }))
  }
  if (get && verb === 'healthz') {
    const well = health(url.pathname, url.searchParams, api.checks, api.metrics.health)
    if (well !== undefined) return text(response, well.body, well.status)
  }
  if (get && verb === 'logs') return systemLogs(deps, { ...exchange, url }, signal)
  if (get && verb === 'containerLogs') return logs(deps, { ...exchange, rest, query: url.searchParams }, signal)
  if (request.method === 'POST' && verb === 'run') {
    const [namespace = '', name = '', ...more] = rest
    const command = url.searchParams.get('cmd') ?? ''
    const output = await api.run({ namespace, name, container: more.at(-1) ?? '' }, command.split(' '), signal)
    response.writeHead(200, TEXT)
    response.end(output)
    return
  }
  if (get && verb === 'run') throw new KubeletRefusal(405, '405: Method Not Allowed')
  throw new KubeletRefusal(404, '404 page not found')
}

async function systemLogs(
  { api, node, clock }: RouteDeps,
  { request, response, url }: Exchange & { readonly url: URL },
  signal: AbortSignal,
) {
  const { enableSystemLogHandler, enableSystemLogQuery } = configOf(node)
  const logs = enableSystemLogHandler ? api.systemLogs : undefined
  const asked = {
    path: url.pathname,
    isHead: request.method === 'HEAD',
    acceptsGzip: request.headers['accept-encoding'] === 'gzip',
    ...(enableSystemLogQuery && { query: url.searchParams }),
  }
  return nodeLogs({ logs, clock, signal }, asked, response)
}

function text(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, TEXT)
  response.end(body)
}

const podList = (items: readonly unknown[]) => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items })

function statusz(deps: RouteDeps, exchange: Exchange): void {
  const { node, clock } = deps
  const facts = { component: 'kubelet', version: node.version, paths: STATUSZ_PATHS }
  page(exchange, statuszPage({ ...facts, now: clock.now(), uptimeSeconds: process.uptime() }))
}

const flagz = ({ node }: RouteDeps, exchange: Exchange) => page(exchange, flagzPage('kubelet', flagsOf(node)))

function page({ request, response }: Exchange, shown: Zpage): void {
  const form = zpageForm(request.headers.accept ?? '', shown.kind)
  if (form?.type === 'application/json') json(response, zpageObject(shown, form.version))
  else text(response, shown.text)
}

const PROMETHEUS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }

function metrics(response: ServerResponse, families: readonly Family[]): void {
  response.writeHead(200, PROMETHEUS)
  response.end(metricsText(families))
}

async function summary({ api, node }: RouteDeps, query: URLSearchParams, signal: AbortSignal) {
  const onlyCpuAndMemory = isTrue(query.get('only_cpu_and_memory'))
  const { bootedAt: startedAt } = api.machine
  const snapshot = await api.snapshot({ disks: !onlyCpuAndMemory, traffic: !onlyCpuAndMemory }, signal)
  return summaryOf(snapshot, { node: node.name, startedAt, onlyCpuAndMemory })
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

const isTrue = (value: string | null) => value === 'true' || value === '1'

function count(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  const number = Number(value)
  if (!Number.isInteger(number) || number < 0) throw new KubeletRefusal(400, `invalid ${name} ${JSON.stringify(value)}`)
  return number
}

async function logs(
  { api, clock }: RouteDeps,
  { response, rest, query }: Exchange & { readonly rest: readonly string[]; readonly query: URLSearchParams },
  signal: AbortSignal,
): Promise<void> {
  const [namespace = '', name = '', container = ''] = rest
  const seconds = count(query, 'sinceSeconds')
  const since = seconds === undefined ? fromTime(query.get('sinceTime') ?? undefined) : clock.now() - seconds * 1000
  const tailLines = count(query, 'tailLines')
  const limitBytes = count(query, 'limitBytes')
  const stream = query.get('stream')
  const bytes = api.logs(
    { namespace, name, container, previous: isTrue(query.get('previous')) },
    {
      follow: isTrue(query.get('follow')),
      timestamps: isTrue(query.get('timestamps')),
      ...(tailLines !== undefined && { tailLines }),
      ...(limitBytes !== undefined && { limitBytes }),
      ...(since !== undefined && { since }),
      ...(stream === 'Stdout' && { stream: 'stdout' }),
      ...(stream === 'Stderr' && { stream: 'stderr' }),
    },
    signal,
  )
  response.writeHead(200, TEXT)
  response.flushHeaders()
  await pipeline(Readable.from(bytes, { objectMode: true }), response)
}
