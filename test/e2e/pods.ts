/** A cluster for all tests of one file, and what they do with Pods. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'

import { type Answer, type Machine, openMachine } from './machine.ts'

/** Objects as users write them. */
export interface Manifest {
  readonly [field: string]: unknown
}

export interface PodsCluster {
  readonly machine: Machine
  /** Creates objects; what has no kind is a Pod, and what has no image runs busybox. */
  create(...objects: readonly Manifest[]): Promise<void>
  /** What kubectl says, or a failure. */
  kubectl(...args: readonly string[]): Promise<string>
  /** What kubectl says, failed or not. */
  tryKubectl(...args: readonly string[]): Promise<Answer>
  /** One field of an object, e.g. `pod/web`, `.status.phase`. */
  field(object: string, path: string): Promise<string>
  /** Waits until the field has that value. */
  until(object: string, path: string, value: string): Promise<void>
  /** Runs a Pod with one container to its end; the answer is what it printed. */
  output(pod: Manifest): Promise<string>
  /** Runs a command in a container. */
  inside(pod: string, script: string, container?: string): Promise<string>
  /** The messages of the Pod's events with that reason. */
  events(pod: string, reason: string): Promise<readonly string[]>
  /** Deletes objects and waits until they are gone. */
  remove(...objects: readonly string[]): Promise<void>
  /** The one node's folder on this machine. */
  readonly nodeFolder: string
  /** A new folder of this machine that is the test's. */
  hostFolder(name: string): string
}

const KUBELET_CONFIGURATION = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }
const PATIENCE = { timeout: 40_000, interval: 100 }

export interface PodsClusterOptions {
  /** Fields of the node's KubeletConfiguration. */
  readonly kubelet?: Manifest
  /** A disk of the cluster's own, in memory: options of its mount (tmpfs(5)). */
  readonly disk?: string
}

/** Brings a cluster up before the tests of a file, and takes it down after them: then nothing of it is left. */
export function podsCluster({ kubelet, disk }: PodsClusterOptions = {}): PodsCluster {
  let machine: Machine | undefined
  const there = () => machine ?? expect.fail('the cluster is not up')
  beforeAll(async () => {
    machine = await openMachine()
    const { folder, home } = machine
    mkdirSync(home)
    if (disk !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', disk, 'tmpfs', home])
    await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    const config = join(folder, 'kubelet.json')
    writeFileSync(config, JSON.stringify({ ...KUBELET_CONFIGURATION, ...kubelet }))
    await machine.gorae(['up', ...(kubelet === undefined ? [] : ['--kubelet-config', config])])
  })
  afterAll(async () => {
    try {
      await there().gorae(['down', '--all'])
      if (disk !== undefined) execFileSync('umount', [there().home])
      expect(await there().leftovers()).toEqual([])
    } finally {
      await machine?.close()
    }
  })

  const kubectl = async (...args: readonly string[]) => (await there().kubectl(args)).stdout
  const tryKubectl = (...args: readonly string[]) => there().kubectl(args, { mayFail: true })
  const field = async (object: string, path: string) =>
    (await tryKubectl('get', object, '-o', `jsonpath={${path}}`)).stdout
  const until = async (object: string, path: string, value: string) => {
    await expect.poll(() => field(object, path), PATIENCE).toBe(value)
  }
  const create = async (...objects: readonly Manifest[]) => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects.map(inFull) }
    await there().kubectl(['create', '-f', '-'], { input: JSON.stringify(list) })
  }
  return {
    get machine() {
      return there()
    },
    get nodeFolder() {
      return `${there().home}/default/nodes/node-1`
    },
    hostFolder(name) {
      const folder = join(there().folder, name)
      mkdirSync(folder, { recursive: true, mode: 0o777 })
      return folder
    },
    create,
    kubectl,
    tryKubectl,
    field,
    until,
    async output(pod) {
      await create(pod)
      const name = nameOf(pod)
      const phase = async () => {
        const now = await field(`pod/${name}`, '.status.phase')
        return now === 'Succeeded' || now === 'Failed' ? 'ended' : await field(`pod/${name}`, '.status')
      }
      await expect.poll(phase, PATIENCE).toBe('ended')
      return kubectl('logs', name)
    },
    inside: (pod, script, container) =>
      kubectl('exec', pod, ...(container === undefined ? [] : ['-c', container]), '--', 'sh', '-c', script),
    async events(pod, reason) {
      const selector = `--field-selector=involvedObject.name=${pod},reason=${reason}`
      const said = await kubectl('get', 'events', selector, '-o', 'jsonpath={range .items[*]}{.message}{"\\n"}{end}')
      return said.split('\n').filter((line) => line !== '')
    },
    async remove(...objects) {
      await kubectl('delete', '--wait=true', ...objects)
    },
  }
}

const isRecord = (value: unknown): value is Manifest => typeof value === 'object' && value !== null
const nameOf = ({ metadata }: Manifest) => (isRecord(metadata) ? String(metadata['name']) : '')

/** A Pod by its name and spec. `restartPolicy` is Never, and it has no token, unless the spec says otherwise. */
export const aPod = (name: string, spec: Manifest, metadata: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, ...spec },
})

/** A container that runs a script. */
export const runs = (script: string, more: Manifest = {}): Manifest => ({
  name: 'app',
  command: ['sh', '-c', script],
  ...more,
})

/** A volume of the Pod, mounted in a container. */
export const mounted = (name: string, mountPath: string, more: Manifest = {}): Manifest => ({
  name,
  mountPath,
  ...more,
})

/** What a script does that shall stay until it is told to go. */
export const STAY = 'exec sleep 1000'

function inFull(object: Manifest): Manifest {
  const { spec } = object
  if (object['kind'] !== 'Pod' || !isRecord(spec)) return object
  const withImages = (list: unknown) =>
    Array.isArray(list)
      ? list.map((one: Manifest) => ({ image: 'busybox', imagePullPolicy: 'IfNotPresent', ...one }))
      : list
  const [containers, initContainers] = [withImages(spec['containers']), withImages(spec['initContainers'])]
  return { ...object, spec: { ...spec, containers, ...(initContainers !== undefined && { initContainers }) } }
}
