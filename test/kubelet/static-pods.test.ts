import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { seededRandom } from '../../src/base/random.ts'
import { silentLog } from '../../src/base/log.ts'
import { PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'
import { runKubelet } from '../../src/kubelet/kubelet.ts'
import { type SimulatedNode, simulatedNode } from '../../src/kubelet/simulated-node.ts'
import type { ManifestSource } from '../../src/kubelet/static-pods/source.ts'

/** A folder that a test writes to. */
class Folder implements ManifestSource {
  readonly kind = 'file'
  readonly everyMs = 20_000
  readonly files = new Map<string, string>()
  readonly #listeners = new Set<() => void>()

  read() {
    return Promise.resolve(new Map(this.files))
  }

  watch(changed: () => void) {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  put(name: string, text: string | undefined) {
    if (text === undefined) this.files.delete(name)
    else this.files.set(name, text)
    for (const tell of this.#listeners) tell()
  }
}

/** An address that answers as a test says. */
class Address implements ManifestSource {
  readonly kind = 'http'
  readonly everyMs = 5_000
  answer: string | Error = ''

  read() {
    if (typeof this.answer !== 'string') return Promise.reject(this.answer)
    return Promise.resolve(new Map(this.answer === '' ? [] : [['http://10.0.0.9/pods', this.answer]]))
  }

  watch() {
    return () => {}
  }
}

const AT = { namespace: 'default', name: 'web-node-1' }
const manifest = (image = 'busybox', more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: ${image}}]${more}}\n`

let cluster: Cluster
let machine: SimulatedNode
let folder: Folder
let address: Address | undefined
let stopping: AbortController
let running: Promise<unknown>

const kubelet = () => {
  stopping = new AbortController()
  const node = {
    name: 'node-1',
    addresses: ['10.0.0.1'],
    port: 10_250,
    clusterDomain: 'cluster.local',
    clusterDns: [],
    version: 'v1.36.0',
  }
  const deps = { client: cluster.client, clock: cluster.clock, random: seededRandom(3), log: silentLog, node }
  running = runKubelet(
    { ...deps, ...machine, manifests: address === undefined ? [folder] : [folder, address] },
    stopping.signal,
  ).catch(() => {})
}
const stop = async () => {
  stopping.abort(new Error('the test stops the kubelet'))
  await running
}
const look = () => cluster.client.get(PODS, AT).catch(() => undefined)
const runs = (check: (pod: NonNullable<Awaited<ReturnType<typeof look>>>) => boolean = () => true) =>
  cluster.until(async () => {
    const pod = await look()
    return pod?.status?.phase === 'Running' && check(pod) && pod
  })
const alive = async () => {
  const containers = await machine.runtime.listContainers({}, new AbortController().signal)
  return containers.filter(({ state }) => state === 'CONTAINER_RUNNING')
}

beforeEach(async () => {
  cluster = await createCluster({ clock: 'virtual', scheduler: false, controllers: false })
  machine = simulatedNode({ clock: cluster.clock, random: seededRandom(2), podCidr: '10.244.1.0/24' })
  folder = new Folder()
  address = undefined
})
afterEach(async () => {
  await stop()
  machine.close()
  await cluster.stop()
})

describe('A static Pod', () => {
  test('runs, and is shown by a mirror Pod that the node owns', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    const pod = await runs()
    expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1', controller: true }])
    const hash = pod.metadata.annotations?.['kubernetes.io/config.hash']
    expect(pod.metadata.annotations?.['kubernetes.io/config.mirror']).toBe(hash)
    expect(pod.metadata.uid).not.toBe(hash)
    expect(await alive()).toHaveLength(1)
  })

  test('comes and goes with its file', async () => {
    kubelet()
    await cluster.advance(1_000)
    folder.put('web.yaml', manifest())
    await runs()
    folder.put('web.yaml', undefined)
    await cluster.until(async () => (await look()) === undefined)
    await cluster.advance(5_000)
    expect(await alive()).toEqual([])
  })

  test('goes on when its mirror is deleted, and is shown again a moment later', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    const { uid } = (await runs()).metadata
    const [before] = await alive()
    await cluster.client.delete(PODS, AT)
    await cluster.advance(500)
    expect(await look()).toBeUndefined() // long enough for whoever waits until it is gone
    const after = await runs((pod) => pod.metadata.uid !== uid)
    expect(after.status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 })
    expect((await alive()).map(({ id }) => id)).toEqual([before?.id])
  })

  test('is not changed by changes of its mirror', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    const pod = await runs()
    const [before] = await alive()
    await cluster.client.patch(PODS, AT, 'strategic', { spec: { containers: [{ name: 'app', image: 'nginx' }] } })
    await cluster.advance(30_000)
    expect((await alive()).map(({ id }) => id)).toEqual([before?.id])
    expect(pod.metadata.uid).toBe((await look())?.metadata.uid)
  })

  test('is replaced, old before new, when its file changes', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    const first = await runs()
    folder.put('web.yaml', manifest('nginx'))
    const second = await runs((pod) => pod.spec?.containers[0]?.image === 'nginx')
    expect(second.metadata.uid).not.toBe(first.metadata.uid)
    await cluster.advance(5_000)
    expect(await alive()).toHaveLength(1)
  })

  test('survives a mistake in its file', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    await runs()
    folder.put('web.yaml', 'apiVersion: v1\nkind: Pod\nspec: {')
    await cluster.advance(60_000)
    expect(await alive()).toHaveLength(1)
    expect((await look())?.status?.phase).toBe('Running')
  })

  test('goes on through a restart of the kubelet, with the same container and the same mirror', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    const before = await runs()
    const [container] = await alive()
    await stop()
    kubelet()
    await cluster.advance(30_000)
    expect((await look())?.metadata.uid).toBe(before.metadata.uid)
    expect((await look())?.status?.startTime).toBe(before.status?.startTime)
    expect((await alive()).map(({ id }) => id)).toEqual([container?.id])
  })

  test('whose file went while no kubelet ran is ended, and its mirror with it', async () => {
    folder.put('web.yaml', manifest())
    kubelet()
    await runs()
    await stop()
    folder.put('web.yaml', undefined)
    kubelet()
    await cluster.until(async () => (await look()) === undefined)
    await cluster.advance(5_000)
    expect(await alive()).toEqual([])
  })
})

describe('A static Pod from an address', () => {
  const AWAY = new Error('connection refused')

  test('runs while the address asks for it, whether it can be reached or not', async () => {
    address = new Address()
    address.answer = manifest()
    kubelet()
    const pod = await runs()
    expect(pod.metadata.annotations?.['kubernetes.io/config.source']).toBe('http')
    address.answer = AWAY
    await cluster.advance(60_000)
    expect(await alive()).toHaveLength(1)
    address.answer = ''
    await cluster.advance(60_000)
    expect([await look(), await alive()]).toEqual([undefined, []])
  })

  test('outlives its kubelet, though the next one cannot reach the address for a while', async () => {
    address = new Address()
    address.answer = manifest()
    kubelet()
    const { metadata } = await runs()
    const [before] = await alive()
    await stop()
    address.answer = AWAY
    kubelet()
    await cluster.advance(60_000)
    expect((await alive()).map(({ id }) => id)).toEqual([before?.id])
    expect((await look())?.metadata.uid).toBe(metadata.uid)
    address.answer = manifest('nginx')
    await runs(({ spec }) => spec?.containers[0]?.image === 'nginx')
    await cluster.until(async () => (await alive()).length === 1)
  })
})
