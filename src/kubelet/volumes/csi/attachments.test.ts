import { describe, expect, test } from 'vitest'

import { attachmentName } from '../../../api/core/v1/persistentvolume/csi-names.ts'
import type { NodeStatus } from '../../../api/generated/core-v1.ts'
import type { VolumeAttachment } from '../../../api/generated/storage-v1.ts'
import { ManualClock } from '../../../base/manual-clock.ts'
import { createClient } from '../../../client/client.ts'
import { FakeApi } from '../../../client/fake-api.ts'
import { VOLUME_ATTACHMENTS } from '../../../client/resources.ts'
import { ATTACH_TIMEOUT_MS, Attachments } from './attachments.ts'
import { DRIVER, never, volumeOf } from './node-fixtures.ts'

const NAME = `kubernetes.io/csi/${DRIVER}^vol-1`
const attachedTo: NodeStatus = { volumesInUse: [NAME], volumesAttached: [{ name: NAME, devicePath: '' }] }

/** A node with that status, and perhaps an attachment of the volume. */
async function aNode(status: NodeStatus, attachment?: VolumeAttachment['status']) {
  const clock = new ManualClock()
  const client = createClient(new FakeApi())
  const world = { status }
  const attachments = new Attachments({
    client,
    clock,
    nodeName: 'n1',
    node: () => ({ metadata: { name: 'n1' }, status: world.status }),
  })
  if (attachment !== undefined) {
    const metadata = { name: attachmentName(volumeOf(), 'n1') }
    const spec = { attacher: DRIVER, nodeName: 'n1', source: {} }
    await client.create(VOLUME_ATTACHMENTS, { metadata, spec, status: attachment })
  }
  return { clock, world, attachments }
}

describe('a volume is attached', () => {
  test('as soon as the Node tells both that it is in use and that it is attached', async () => {
    const { world, attachments } = await aNode(
      { volumesInUse: [NAME] },
      { attached: true, attachmentMetadata: { lun: '7' } },
    )
    const waiting = attachments.attached(volumeOf(), 'data', never)
    world.status = attachedTo
    attachments.nodeChanged()
    expect(await waiting).toEqual({ lun: '7' })
  })

  test('never, where nobody attaches it, and the Pod is told after two minutes', async () => {
    const { clock, attachments } = await aNode({ volumesAttached: [{ name: NAME, devicePath: '' }] })
    const waiting = attachments.attached(volumeOf(), 'data', never).catch((error: unknown) => error)
    await clock.advance(ATTACH_TIMEOUT_MS)
    expect(await waiting).toMatchObject({
      message:
        'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data], failed to process ' +
        'volumes=[]: context deadline exceeded',
    })
  })

  const name = attachmentName(volumeOf(), 'n1')
  const faults = [
    { status: undefined, why: `volume vol-1 has GET error for volume attachment ${name}: ` },
    { status: { attached: false }, why: `volume vol-1 is not attached for volume attachment ${name}` },
    { status: { attached: false, attachError: { message: 'no such disk' } }, why: 'no such disk' },
  ]
  for (const { status, why } of faults) {
    test(`not, for: ${why.replace(name, '…')}`, async () => {
      const { attachments } = await aNode(attachedTo, status)
      await expect(attachments.attached(volumeOf(), 'data', never)).rejects.toThrow(why)
    })
  }
})
