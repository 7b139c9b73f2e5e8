/** Ranges of Service addresses that are added to a cluster, and taken away again. */

import { expect, test } from 'vitest'
import { SERVICE_CIDRS, SERVICES } from '../../src/client/resources.ts'
import { type World, withWorld } from './world.ts'

const RANGE = { name: 'more' }

const serve = (world: World, name: string, clusterIP: string) =>
  world.client.create(SERVICES, {
    metadata: { name, namespace: 'default' },
    spec: { clusterIP, ports: [{ port: 80 }] },
  })
const ready = async (world: World) =>
  ((await world.find(SERVICE_CIDRS, 'more'))?.status?.conditions ?? []).map(
    ({ status, reason, message }) => `${status} ${reason}: ${message}`,
  )

test('a range gives addresses once it is ready, and goes when none of them is in use any more', () =>
  withWorld(async (world) => {
    expect((await world.find(SERVICE_CIDRS, 'kubernetes'))?.spec?.cidrs).toEqual(['10.96.0.0/16'])
    const refusal =
      'spec.clusterIPs: Invalid value: ["10.200.0.3"]: failed to allocate IP 10.200.0.3: the provided network does not match the current range'
    await expect(serve(world, 'web', '10.200.0.3')).rejects.toThrow(refusal)
    await world.client.create(SERVICE_CIDRS, { metadata: RANGE, spec: { cidrs: ['10.200.0.0/28'] } })
    await world.settle()
    expect(await ready(world)).toEqual(['True : Kubernetes Service CIDR is ready'])
    await serve(world, 'web', '10.200.0.3')

    await world.client.delete(SERVICE_CIDRS, RANGE)
    await world.settle(60_000)
    expect(await ready(world)).toEqual([
      'False Terminating: There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
    ])
    await expect(serve(world, 'late', '10.200.0.4')).rejects.toThrow('does not match the current range')
    const writes = world.writes
    await world.settle(10 * 60_000)
    expect(world.writes - writes).toBeLessThan(5)
    await world.client.delete(SERVICES, { namespace: 'default', name: 'web' })
    await world.settle(1_000)
    expect(await world.find(SERVICE_CIDRS, 'more')).toBeUndefined()
  }))

test('a range that is not in use goes after some seconds, when every server knows that it goes', () =>
  withWorld(async (world) => {
    await world.client.create(SERVICE_CIDRS, { metadata: RANGE, spec: { cidrs: ['10.200.0.0/28'] } })
    await world.settle()
    await world.client.delete(SERVICE_CIDRS, RANGE)
    await world.settle(5_000)
    expect(await world.find(SERVICE_CIDRS, 'more')).toBeDefined()
    await world.settle(6_000)
    expect(await world.find(SERVICE_CIDRS, 'more')).toBeUndefined()
  }))
