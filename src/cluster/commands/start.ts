/** From nothing to a running Pod: what `npm start` does. Safe to repeat: it starts what is missing. */

import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import { UserError } from '../../base/user-error.ts'
import type { Operations, Ui } from '../../cli/operations.ts'
import { table } from '../../cli/print/table.ts'
import { PODS } from '../../client/resources.ts'
import { BUSYBOX_IMAGE, ensureBusyboxImage } from '../../images/machine.ts'
import { normalizeName } from '../../images/reference.ts'
import { ImageStore } from '../../images/store.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { type AdminClient, connectAdmin } from '../admin-client.ts'
import { clusterPaths, imageStoreDir } from '../paths.ts'
import { followPulls } from '../containerd/pull-progress.ts'
import { readCluster } from '../record.ts'

const CLUSTER = 'default'
/** How long a registry may take to answer before its image is made here. */
const REGISTRY_MS = 2_000
/** How long the Pod may take. A first pull from a slow registry is the longest part. */
const POD_MS = 120_000

export interface StartOptions {
  readonly home: string
  /** The Pod's manifest; empty: the example. */
  readonly manifest: string
}

export interface StartDeps {
  readonly clock: Clock
  readonly ui: Ui
  readonly operations: Operations
  readonly print: (text: string) => void
}

export async function start(options: StartOptions, deps: StartDeps, signal: AbortSignal): Promise<void> {
  const { ui, operations, print, clock } = deps
  const { home } = options
  const pod = readPod(options.manifest === '' ? exampleManifest() : options.manifest)
  const diagnosis = await operations.diagnose()
  await operations.install(diagnosis, ui, signal)
  const image = provideBusybox(pod, home, deps, signal)
  image.catch(() => {}) // awaited below, after the cluster is up
  const result = await operations.up({ home, name: CLUSTER, mergeKubeconfig: true }, ui, signal)
  if (result.wasRunning) ui.note(`The cluster "${CLUSTER}" is running already.`)
  await image

  const paths = clusterPaths(home, CLUSTER)
  const admin = connectAdmin(paths, readCluster(paths)?.port ?? 0)
  try {
    const name = pod.metadata.name ?? ''
    await ui.step(`Applying the Pod ${name}`, () => apply(admin, pod, signal))
    await ui.step(`Waiting for the Pod ${name} to be Ready`, (detail) =>
      withPulls(home, { clock, detail, signal }, (waiting) => untilReady(admin, pod, waiting)),
    )
    print(`\n${await read(admin, pod, 'log', signal)}\n${await podRow(admin, pod, signal)}\n`)
  } finally {
    await admin.close()
  }
  const own = result.mergedInto === undefined ? ` --kubeconfig ${result.kubeconfig}` : ''
  print(`What to type next:
  kubectl${own} get pods -o wide            (the context is ${result.context})
  kubectl${own} exec -it ${pod.metadata.name ?? ''} -- sh
  gorae status                         (or npx gorae status; in a clone: node dist/gorae.js status)
  gorae down                           (takes the cluster down and removes all of it)
The kubeconfig is ${result.kubeconfig}${result.mergedInto === undefined ? '' : `, merged into ${result.mergedInto}`}.
`)
}

const exampleManifest = (): string => {
  const base = import.meta.url.includes('/chunks/') ? '../../' : '../'
  return fileURLToPath(new URL(`${base}examples/hello-pod.yaml`, import.meta.url))
}

function readPod(file: string): Pod {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UserError(`the manifest ${file} cannot be read`, 'name a file that holds a Pod', { cause })
  }
  let value: Pod
  try {
    value = parse(text) as Pod
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UserError(`${file} is no YAML: ${why}`, 'mend it, or name another file', { cause })
  }
  if (value?.kind !== 'Pod' || value.metadata?.name === undefined)
    throw new UserError(`${file} holds no Pod`, 'name a file that holds a Pod; other kinds go through kubectl apply')
  return { ...value, metadata: { ...value.metadata, namespace: value.metadata.namespace ?? 'default' } }
}

/** Where the Pod wants busybox and no registry answers, makes it from this machine's own. */
async function provideBusybox(pod: Pod, home: string, { ui, clock }: StartDeps, signal: AbortSignal): Promise<void> {
  const wants = pod.spec?.containers.some(({ image }) => image !== undefined && normalizeName(image) === BUSYBOX_IMAGE)
  const store = new ImageStore(imageStoreDir(home), clock)
  if (wants !== true || (await store.find(BUSYBOX_IMAGE)) !== undefined) return
  if (await registryAnswers('registry-1.docker.io', signal)) return
  if (await ensureBusyboxImage(store))
    ui.note('No registry answers: made the image busybox from this machine’s own busybox.')
}

function registryAnswers(host: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, servername: host })
    const done = (answers: boolean) => {
      limit.removeEventListener('abort', onLimit)
      socket.destroy()
      resolve(answers)
    }
    const onLimit = () => done(false)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REGISTRY_MS)])
    limit.addEventListener('abort', onLimit, { once: true })
    socket.once('secureConnect', () => done(true))
    socket.once('error', () => done(false))
  })
}

async function apply({ client }: AdminClient, pod: Pod, signal: AbortSignal): Promise<void> {
  try {
    await client.create(PODS, pod, { fieldManager: 'gorae', fieldValidation: 'Strict' }, signal)
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
  }
}

interface Waiting {
  readonly clock: Clock
  readonly detail: (text: string) => void
  readonly signal: AbortSignal
}

/** Shows what the nodes pull while `work` waits for something that needs it. */
async function withPulls<T>(home: string, waiting: Waiting, work: (waiting: Waiting) => Promise<T>): Promise<T> {
  const paths = clusterPaths(home, CLUSTER)
  const nodes = (readCluster(paths)?.nodes ?? []).map((node) => paths.node(node))
  const over = new AbortController()
  let last = ''
  const detail = (text: string) => waiting.detail((last = text))
  const tell = (pulls: string) => waiting.detail(last === '' ? pulls : `${last}, ${pulls}`)
  const signal = AbortSignal.any([waiting.signal, over.signal])
  const following = followPulls(nodes, { clock: waiting.clock, tell }, signal).catch(() => {}) // aborted: all is told
  try {
    return await work({ ...waiting, detail })
  } finally {
    over.abort()
    await following
  }
}

/** Follows the Pod until it is Ready. Throws, with what it waits for, when that takes too long. */
async function untilReady({ client }: AdminClient, pod: Pod, { detail, signal }: Waiting): Promise<void> {
  const { namespace = 'default', name = '' } = pod.metadata
  const limit = AbortSignal.timeout(POD_MS)
  const stop = AbortSignal.any([signal, limit])
  let last = 'nothing has happened yet'
  try {
    const options = {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      sendInitialEvents: true,
      allowWatchBookmarks: true,
    }
    for await (const { type, object } of client.watch(PODS, options, stop)) {
      if (type === 'BOOKMARK') continue
      if (isReady(object)) return
      last = whatItWaitsFor(object)
      detail(last)
    }
    throw new UserError(`the server ended the watch of the Pod ${name}`, 'see: gorae logs server')
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    const advice = `see what happened: kubectl describe pod ${name}; gorae logs node-1`
    throw new UserError(`the Pod ${name} is not Ready after ${POD_MS / 1000} s: ${last}`, advice)
  }
}

const isReady = ({ status }: DeepReadonly<Pod>): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false

function whatItWaitsFor({ spec, status }: DeepReadonly<Pod>): string {
  if (spec?.nodeName === undefined) return 'no node has it yet'
  const waiting = status?.containerStatuses?.flatMap(({ state }) =>
    state?.waiting === undefined ? [] : [[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')],
  )
  return waiting?.[0] ?? status?.phase ?? 'its node has not seen it yet'
}

function read(admin: AdminClient, { metadata }: Pod, subresource: string, signal: AbortSignal): Promise<string> {
  const { namespace = 'default', name = '' } = metadata
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`
  return admin.read(subresource === '' ? path : `${path}/${subresource}`, subresource === '' ? TABLE : '*/*', signal)
}

const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1'

interface Table {
  readonly columnDefinitions: readonly { readonly name: string }[]
  readonly rows: readonly { readonly cells: readonly unknown[] }[]
}

/** The Pod as the server's own table has it. */
async function podRow(admin: AdminClient, pod: Pod, signal: AbortSignal): Promise<string> {
  const { columnDefinitions, rows } = JSON.parse(await read(admin, pod, '', signal)) as Table
  const wanted = ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node']
  const columns = wanted.map((name) => columnDefinitions.findIndex((column) => column.name === name))
  const text = (value: unknown) =>
    value === null || value === undefined
      ? '<none>'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value as string | number | boolean)
  return table(
    wanted.map((name) => name.toUpperCase()),
    rows.map(({ cells }) => columns.map((at) => text(cells[at]))),
  )
}
