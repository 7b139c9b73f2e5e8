import { expect, test } from 'vitest'
import { SERVICES } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

test('an address stays, whichever other one is asked for', async () => {
  const { client } = await startServer()
  const at = { namespace: 'default', name: 's' }
  const spec = { ports: [{ port: 80 }] }
  await client.create(SERVICES, { metadata: at, spec })
  for (const clusterIP of ['1.2.3.4', '10.96.200.200']) {
    // oxlint-disable-next-line no-await-in-loop -- one change after the other
    await expect(client.update(SERVICES, { metadata: at, spec: { ...spec, clusterIP } })).rejects.toThrow(
      `spec.clusterIPs[0]: Invalid value: ["${clusterIP}"]: may not change once set`,
    )
  }
  const outside = { metadata: { ...at, name: 'e' }, spec: { type: 'ExternalName' as const, externalName: 'a.b' } }
  await client.create(SERVICES, outside)
  const inside = { metadata: outside.metadata, spec: { ...spec, type: 'ClusterIP' as const, clusterIP: '1.2.3.4' } }
  await expect(client.update(SERVICES, inside)).rejects.toThrow('failed to allocate IP 1.2.3.4')
})

test.each([
  [true, 'the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16'],
  [false, 'the provided network does not match the current range'],
])('an address out of range is refused in other words where it is only tried: %s', async (dryRun, why) => {
  const { client } = await startServer()
  const service = {
    metadata: { namespace: 'default', name: 's' },
    spec: { ports: [{ port: 80 }], clusterIP: '10.97.0.1' },
  }
  await expect(client.create(SERVICES, service, { dryRun })).rejects.toThrow(why)
})

const HERE = 'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'
const FAMILY = 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'
const families: [spec: object, told: string][] = [
  [{ clusterIP: 'fd00::1' }, HERE],
  [{ clusterIP: 'fd00::1', ipFamilies: ['IPv6'] }, FAMILY],
  [{ clusterIPs: ['fd00::1'], clusterIP: 'fd00::1', ipFamilies: ['IPv6'] }, FAMILY],
  [{ clusterIP: 'None', ipFamilies: ['IPv6'], selector: { a: 'b' } }, FAMILY],
]
test.each(families)('a family that the cluster has not is told of where it was asked for: %j', async (asked, told) => {
  const { client } = await startServer()
  const at = { namespace: 'default', name: 's' }
  const service = { metadata: at, spec: { ports: [{ port: 80 }], ...asked } }
  await expect(client.create(SERVICES, service)).rejects.toThrow(told)
  await client.create(SERVICES, { metadata: at, spec: { ports: [{ port: 80 }] } })
  await expect(client.update(SERVICES, service)).rejects.toThrow(told)
})
