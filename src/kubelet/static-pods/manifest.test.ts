import { describe, expect, test } from 'vitest'

import { isStatic, type ManifestPlace, readManifest } from './manifest.ts'

const place: ManifestPlace = { node: 'node-1', file: 'web.yaml', kind: 'file' }
const manifest = (spec: string, metadata = 'name: web') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {${metadata}}\nspec: {${spec}}\n`
const PLAIN = manifest('containers: [{name: app, image: busybox}]')

describe('A manifest', () => {
  test("becomes a Pod of this node, named after it, with Kubernetes's annotations and defaults", () => {
    const [pod] = readManifest(PLAIN, place)
    expect(pod?.metadata).toMatchObject({ name: 'web-node-1', namespace: 'default' })
    expect(pod?.metadata.annotations).toEqual({
      'kubernetes.io/config.hash': pod?.metadata.uid,
      'kubernetes.io/config.source': 'file',
    })
    expect(pod?.metadata.uid).toMatch(/^[0-9a-f]{32}$/)
    expect(pod?.spec).toMatchObject({
      nodeName: 'node-1',
      restartPolicy: 'Always',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    })
    expect(pod && isStatic(pod)).toBe(true)
  })

  test('has a uid that only its contents, its file and its node decide', () => {
    const uid = (text: string, at = place) => readManifest(text, at)[0]?.metadata.uid
    expect(uid(PLAIN)).toBe(uid(`# a comment\n${PLAIN}`))
    expect(uid(PLAIN)).not.toBe(uid(manifest('containers: [{name: app, image: nginx}]')))
    expect(uid(PLAIN)).not.toBe(uid(PLAIN, { ...place, node: 'node-2' }))
    expect(uid(PLAIN)).not.toBe(uid(PLAIN, { ...place, file: 'other.yaml' }))
  })

  test('may be JSON, and may hold several Pods', () => {
    const json = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'app', image: 'busybox' }] },
    })
    expect(readManifest(json, place)).toHaveLength(1)
    expect(
      readManifest(`${PLAIN}---\n${PLAIN.replace('web', 'two')}`, place).map(({ metadata }) => metadata.name),
    ).toEqual(['web-node-1', 'two-node-1'])
  })

  test('from an address may be a list of Pods, and is of the address, not of the node', () => {
    const at = (node: string): ManifestPlace => ({ node, file: 'http://10.0.0.1/pods', kind: 'http' })
    const [one, two] = ['one', 'two'].map((name) => ({
      metadata: { name },
      spec: { containers: [{ name: 'app', image: 'busybox' }] },
    }))
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: [one, two] })
    const pods = readManifest(list, at('node-1'))
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['one-node-1', 'two-node-1'])
    expect(pods[0]?.metadata.annotations?.['kubernetes.io/config.source']).toBe('http')
    expect(pods[0]?.spec?.tolerations).toBeUndefined()
    expect(pods[0] && isStatic(pods[0])).toBe(true)
    expect(readManifest(list, at('node-2'))[0]?.metadata.uid).toBe(pods[0]?.metadata.uid)
    expect(readManifest(PLAIN, at('node-1'))).toHaveLength(1)
    expect(() => readManifest(list, place)).toThrow(/kind Pod/)
  })

  test.each<[what: string, text: string, why: RegExp]>([
    ['no object at all', 'just text', /./],
    ['another kind', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n', /kind Pod/],
    ['no containers', manifest('containers: []'), /spec.containers: Required value/],
    ['a wrong name', manifest('containers: [{name: app, image: b}]', 'name: We_b'), /metadata.name|Invalid value/],
    [
      'an unreadable quantity',
      manifest('containers: [{name: a, image: b, resources: {limits: {cpu: x}}}]'),
      /quantity/,
    ],
    [
      'an account',
      manifest('serviceAccountName: a, containers: [{name: a, image: b}]'),
      /cannot reference serviceaccounts/,
    ],
    [
      'a Secret',
      manifest('volumes: [{name: s, secret: {secretName: s}}], containers: [{name: a, image: b}]'),
      /reference secrets/,
    ],
    [
      'a ConfigMap',
      manifest('containers: [{name: a, image: b, envFrom: [{configMapRef: {name: c}}]}]'),
      /reference configmaps/,
    ],
    [
      'a claim',
      manifest('volumes: [{name: s, persistentVolumeClaim: {claimName: s}}], containers: [{name: a, image: b}]'),
      /reference persistentvolumeclaims/,
    ],
  ])('with %s is refused', (_, text, why) => {
    expect(() => readManifest(text, place)).toThrow(why)
  })
})
