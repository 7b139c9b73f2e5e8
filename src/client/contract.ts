/** What every `Transport` promises, as tests: the direct one, the one over HTTP, and the fake. */

import { expect, test } from 'vitest'
import type { ConfigMap } from '../api/generated/core-v1.ts'
import { hasReason } from '../meta/errors.ts'
import type { StatusReason } from '../meta/types.ts'
import { type Client, createClient } from './client.ts'
import { CONFIG_MAPS } from './resources.ts'
import type { Transport } from './transport.ts'

/** A transport for one test, to an API with the namespace `default`. */
export interface OpenTransport {
  readonly transport: Transport
  readonly close: () => Promise<void>
}

const at = (name: string) => ({ namespace: 'default', name })
const configMap = (name: string, value: string): ConfigMap => ({ metadata: { ...at(name) }, data: { value } })

async function reasonOf(call: Promise<unknown>): Promise<StatusReason | 'no failure' | undefined> {
  const reasons = ['NotFound', 'AlreadyExists', 'Conflict', 'Expired', 'Gone'] as const
  return call.then(
    () => 'no failure' as const,
    (error: unknown) => reasons.find((reason) => hasReason(error, reason)),
  )
}

/** Tests of reads, writes and watches. */
export function testTransportContract(open: () => Promise<OpenTransport>): void {
  const withClient = (body: (client: Client) => Promise<void>) => async () => {
    const { transport, close } = await open()
    try {
      await body(createClient(transport))
    } finally {
      await close()
    }
  }

  test(
    'what is created can be read, alone and in the list of its namespace',
    withClient(async (client) => {
      const made = await client.create(CONFIG_MAPS, configMap('a', '1'))
      expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { value: '1' } })
      expect(made.metadata.uid).toBeTruthy()
      expect(await client.get(CONFIG_MAPS, at('a'))).toEqual(made)
      const list = await client.list(CONFIG_MAPS, { namespace: 'default' })
      expect(list.items.map((item) => item.metadata.uid)).toContain(made.metadata.uid)
      expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(made.metadata.resourceVersion))
      expect((await client.list(CONFIG_MAPS, { namespace: 'elsewhere' })).items).toEqual([])
    }),
  )

  test(
    'failures carry the reason the server states',
    withClient(async (client) => {
      const made = await client.create(CONFIG_MAPS, configMap('a', '1'))
      expect(await reasonOf(client.get(CONFIG_MAPS, at('b')))).toBe('NotFound')
      expect(await reasonOf(client.create(CONFIG_MAPS, configMap('a', '2')))).toBe('AlreadyExists')
      await client.update(CONFIG_MAPS, { ...made, data: { value: '2' } })
      expect(await reasonOf(client.update(CONFIG_MAPS, { ...made, data: { value: '3' } }))).toBe('Conflict')
    }),
  )

  test(
    'writes change the object and its revision; a body is never changed by writing it',
    withClient(async (client) => {
      const body = configMap('a', '1')
      const made = await client.create(CONFIG_MAPS, body)
      expect(body).toEqual(configMap('a', '1'))
      const updated = await client.update(CONFIG_MAPS, { ...made, data: { value: '2' } })
      const patched = await client.patch(CONFIG_MAPS, at('a'), 'merge', { data: { value: '3' } })
      expect([updated.data, patched.data]).toEqual([{ value: '2' }, { value: '3' }])
      const revisions = [made, updated, patched].map((object) => Number(object.metadata.resourceVersion))
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b))
      await client.delete(CONFIG_MAPS, at('a'))
      expect(await reasonOf(client.delete(CONFIG_MAPS, at('a')))).toBe('NotFound')
    }),
  )

  test(
    'a watch from a revision tells every later change, past and to come',
    withClient(async (client) => {
      const made = await client.create(CONFIG_MAPS, configMap('a', '1'))
      await client.update(CONFIG_MAPS, { ...made, data: { value: '2' } })
      const seen: string[] = []
      const stopping = new AbortController()
      const options = { namespace: 'default', resourceVersion: made.metadata.resourceVersion ?? '' }
      for await (const { type, object } of client.watch(CONFIG_MAPS, options, stopping.signal)) {
        seen.push(`${type} ${object.metadata.name} ${object.data?.['value']}`)
        expect(object.kind).toBe('ConfigMap')
        if (seen.length === 1) await client.create(CONFIG_MAPS, configMap('b', '1'))
        if (seen.length === 2) await client.delete(CONFIG_MAPS, at('b'))
        if (seen.length === 3) break
      }
      expect(seen).toEqual(['MODIFIED a 2', 'ADDED b 1', 'DELETED b 1'])
    }),
  )

  test(
    'a watch ends with the reason of its signal, also while it waits',
    withClient(async (client) => {
      const stopping = new AbortController()
      // The server itself makes some in other namespaces as it starts.
      const namespace = 'default'
      const list = await client.list(CONFIG_MAPS, { namespace })
      const options = { namespace, resourceVersion: list.metadata.resourceVersion ?? '' }
      const next = client.watch(CONFIG_MAPS, options, stopping.signal)[Symbol.asyncIterator]().next()
      await Promise.resolve()
      stopping.abort(new Error('enough'))
      await expect(next).rejects.toThrow('enough')
    }),
  )

  test(
    'a call whose signal has aborted is not made',
    withClient(async (client) => {
      const signal = AbortSignal.abort(new Error('too late'))
      await expect(client.create(CONFIG_MAPS, configMap('a', '1'), {}, signal)).rejects.toThrow('too late')
      expect(await reasonOf(client.get(CONFIG_MAPS, at('a')))).toBe('NotFound')
    }),
  )
}
