import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../../src/api/generated/core-v1.ts'
import { createAuthority, issueCertificate } from '../../src/base/tls/certificates.ts'
import { PODS, PRIORITY_CLASSES } from '../../src/client/resources.ts'
import { type Answers, type ExtenderServer, serveExtender, SILENCE } from './extender-server.ts'
import { type World, withWorld } from './world.ts'

/** Runs `body` in a cluster on real time whose scheduler asks an extender with these answers. */
async function withExtender(
  answers: Answers,
  more: string,
  body: (world: World, server: ExtenderServer) => Promise<void>,
  tls?: { key: string; cert: string },
): Promise<void> {
  const server = await serveExtender(answers, tls)
  const schedulerConfig = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
podInitialBackoffSeconds: 1
extenders: [{urlPrefix: '${server.url}', ${more}}]
`
  try {
    await withWorld((world) => body(world, server), { clock: 'real', schedulerConfig })
  } finally {
    await server.close()
  }
}

const placed = ({ cluster, nodeOf }: World, name: string) =>
  cluster.until(async () => {
    const node = await nodeOf(name)
    return node !== '' && node
  })

const said = ({ cluster, scheduled }: World, name: string) =>
  cluster.until(async () => {
    const text = await scheduled(name)
    return text !== '' && text
  })

interface Nodes {
  readonly Nodes: { readonly items: readonly Node[] }
}
interface Names {
  readonly NodeNames: readonly string[]
}

const namesOf = ([first]: readonly { readonly body: unknown }[]): ReadonlySet<string | undefined> => {
  if (first === undefined) throw new Error('nobody was asked')
  const { Nodes: nodes } = first.body as Nodes
  return new Set(nodes.items.map(({ metadata }) => metadata.name))
}

const only = (name: string) => (body: object) => {
  const nodes = (body as Nodes).Nodes.items
  const failed = nodes.filter(({ metadata }) => metadata.name !== name)
  return {
    Nodes: { items: nodes.filter(({ metadata }) => metadata.name === name) },
    FailedNodes: Object.fromEntries(failed.map(({ metadata }) => [metadata.name, 'not to my taste'])),
  }
}

const lasting = { notBefore: Date.parse('2020-01-01'), notAfter: Date.parse('2120-01-01') }

describe('an extender over TLS', () => {
  const authority = createAuthority({ commonName: 'extenders', ...lasting })
  const stranger = createAuthority({ commonName: 'strangers', ...lasting })
  const own = issueCertificate(authority, {
    commonName: 'extender',
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
    ...lasting,
  })
  const tls = { key: own.key, cert: own.certificate }
  const trusting = ({ certificate }: { certificate: string }) =>
    `filterVerb: filter, enableHTTPS: true, tlsConfig: {caData: '${Buffer.from(certificate).toString('base64')}'}`

  test('is believed when its certificate is of the authority that is trusted', () =>
    withExtender(
      { filter: only('b') },
      trusting(authority),
      async (world) => {
        for (const name of ['a', 'b']) await world.node(name)
        await world.pod('p', '1')
        expect(await placed(world, 'p')).toBe('b')
      },
      tls,
    ))

  test('is not when it is of another', () =>
    withExtender(
      { filter: only('b') },
      trusting(stranger),
      async (world, server) => {
        await world.node('b')
        await world.pod('p', '1')
        expect(await said(world, 'p')).toMatch(/^SchedulerError: Post "https:.*": /)
        expect(server.asked).toEqual([])
      },
      tls,
    ))
})

describe('an extender', () => {
  test('leaves some of the nodes, which it is told whole', () =>
    withExtender({ filter: only('b') }, 'filterVerb: filter', async (world, server) => {
      for (const name of ['a', 'b', 'c']) await world.node(name)
      await world.pod('p', '1')
      expect(await placed(world, 'p')).toBe('b')
      expect(server.asked[0]?.body).toMatchObject({ Pod: { metadata: { name: 'p' } }, NodeNames: null })
      expect(namesOf(server.asked)).toEqual(new Set(['a', 'b', 'c']))
    }))

  test('with a cache of its own is told names, and may answer in lower case', () => {
    const answers = {
      filter: (body: object) => ({ nodenames: (body as Names).NodeNames.filter((name) => name === 'c') }),
    }
    return withExtender(answers, 'filterVerb: filter, nodeCacheCapable: true', async (world) => {
      for (const name of ['a', 'b', 'c']) await world.node(name)
      await world.pod('p', '1')
      expect(await placed(world, 'p')).toBe('c')
    })
  })

  test('that leaves none is among the reasons, and any event tries again', () =>
    withExtender({ filter: only('b') }, 'filterVerb: filter', async (world) => {
      await world.node('a')
      await world.pod('p', '1')
      expect(await said(world, 'p')).toBe(
        'Unschedulable: 0/1 nodes are available: 1 not to my taste. ' +
          'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
      )
      await world.node('b')
      expect(await placed(world, 'p')).toBe('b')
    }))

  test('adds to the scores', () => {
    const answers = {
      prioritize: () => [
        { Host: 'a', Score: 0 },
        { Host: 'b', Score: 10 },
      ],
    }
    return withExtender(answers, 'prioritizeVerb: prioritize, weight: 100', async (world) => {
      for (const name of ['a', 'b']) await world.node(name)
      for (const name of ['p', 'q', 'r']) {
        await world.pod(name, '1')
        expect(await placed(world, name)).toBe('b')
      }
    })
  })

  test('binds in the place of the scheduler', () =>
    withExtender({ bind: () => ({ Error: '' }) }, 'bindVerb: bind', async (world, server) => {
      await world.node('a')
      const { metadata } = await world.pod('p', '1')
      await world.cluster.until(() => server.asked.length > 0)
      expect(server.asked[0]).toEqual({
        verb: 'bind',
        body: { PodName: 'p', PodNamespace: 'default', PodUID: metadata.uid, Node: 'a' },
      })
      expect(await world.nodeOf('p')).toBe('')
    }))

  test('that fails fails the Pod, which is tried again', () => {
    let calls = 0
    const answers = { filter: (body: object) => (calls++ === 0 ? undefined : only('a')(body)) }
    return withExtender(answers, 'filterVerb: filter', async (world, server) => {
      await world.node('a')
      await world.pod('p', '1')
      expect(await said(world, 'p')).toBe(
        `SchedulerError: failed filter with extender at URL ${server.url}/filter, code 500`,
      )
      expect(await placed(world, 'p')).toBe('a')
    })
  })

  test('that may fail is passed over', () =>
    withExtender({}, 'filterVerb: filter, prioritizeVerb: prioritize, weight: 1, ignorable: true', async (world) => {
      for (const name of ['a', 'b']) await world.node(name)
      await world.pod('p', '1')
      expect(['a', 'b']).toContain(await placed(world, 'p'))
    }))

  test('that does not answer in its time has failed', () =>
    withExtender({ filter: () => SILENCE }, 'filterVerb: filter, httpTimeout: 50ms', async (world, server) => {
      await world.node('a')
      await world.pod('p', '1')
      expect(await said(world, 'p')).toBe(
        `SchedulerError: Post "${server.url}/filter": context deadline exceeded ` +
          '(Client.Timeout exceeded while awaiting headers)',
      )
    }))

  test('is asked only about Pods that want what it manages, which the scheduler then does not count', () => {
    const managed = 'managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]'
    return withExtender({ filter: only('b') }, `filterVerb: filter, ${managed}`, async (world, server) => {
      for (const name of ['a', 'b']) await world.node(name)
      await world.pod('plain', '1')
      await placed(world, 'plain')
      expect(server.asked).toEqual([])
      const resources = { limits: { 'example.com/gpu': '1' } }
      await world.pod('gpu', '1', { containers: [{ name: 'c', image: 'pause:1', resources }] })
      expect(await placed(world, 'gpu')).toBe('b')
    })
  })

  test('may save victims of a preemption', () => {
    const answers = {
      preempt: (body: Readonly<Record<string, unknown>>) => {
        const victims = body['NodeNameToVictims'] as Readonly<Record<string, { Pods: readonly Pod[] }>>
        return {
          NodeNameToMetaVictims: {
            b: { Pods: victims['b']?.Pods.map(({ metadata }) => ({ UID: metadata.uid })), NumPDBViolations: 0 },
          },
        }
      },
    }
    return withExtender(answers, 'preemptVerb: preempt', async (world) => {
      const { client } = world.cluster
      await client.create(PRIORITY_CLASSES, { metadata: { name: 'high' }, value: 1000 })
      for (const name of ['a', 'b']) {
        await world.node(name, { cpu: '2', labels: { at: name } })
        await world.pod(`on-${name}`, '2', { nodeSelector: { at: name } })
        await placed(world, `on-${name}`)
      }
      await world.pod('great', '2', { priorityClassName: 'high' })
      const nominated = await world.cluster.until(async () => (await world.read('great'))?.status?.nominatedNodeName)
      expect(nominated).toBe('b')
      const left = await client.get(PODS, { namespace: 'default', name: 'on-a' })
      expect(left.metadata.deletionTimestamp).toBeUndefined()
    })
  })
})
