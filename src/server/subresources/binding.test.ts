import { beforeEach, expect, test } from 'vitest'

import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'p' }
const TO_NODE = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }

let client: Client
beforeEach(async () => {
  ;({ client } = await startServer())
  await client.create(PODS, { metadata: AT, spec: { containers: [{ name: 'c', image: 'i' }] } })
})

const bind = (rest: object = {}, options: object = {}, name = 'p') => {
  const binding = { apiVersion: 'v1', kind: 'Binding', ...TO_NODE, ...rest }
  return client.createSubresource(PODS, { ...AT, name, subresource: 'binding' }, binding, options)
}

test('a binding hands its labels and annotations on to the Pod', async () => {
  await bind({ metadata: { name: 'p', labels: { zone: 'a' }, annotations: { by: 'test' } } })
  const { metadata, spec } = await client.get(PODS, AT)
  expect([spec?.nodeName, metadata.labels, metadata.annotations]).toEqual(['n', { zone: 'a' }, { by: 'test' }])
})

test('a dry run judges the binding and binds nothing', async () => {
  await bind({}, { dryRun: true })
  expect((await client.get(PODS, AT)).spec?.nodeName).toBeUndefined()
  await bind()
  await expect(bind({}, { dryRun: true })).rejects.toThrow('pod p is already assigned to node "n"')
  await expect(bind({ metadata: { name: 'q' } }, { dryRun: true }, 'q')).rejects.toThrow('pods "q" not found')
})

const refused: [binding: object, message: string][] = [
  [{ metadata: { name: 'other' } }, 'name in URL does not match name in Binding object'],
  [{ target: { name: '' } }, 'target.name: Required value'],
  [{ target: { kind: 'Pod', name: 'n' } }, 'supported values: "Node", "<empty>"'],
  [{ metadata: { name: 'p', uid: 'other' } }, 'Precondition failed: UID in precondition: other'],
]
for (const [binding, message] of refused) {
  test(`a binding is refused: ${message}`, () => expect(bind(binding)).rejects.toThrow(message))
}
