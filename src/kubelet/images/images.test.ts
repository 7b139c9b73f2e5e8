import { describe, expect, test } from 'vitest'

import { credentialsApply, credentialsFor } from './credentials.ts'
import { parseImageName } from './image-name.ts'

describe('parseImageName()', () => {
  test.each([
    { image: 'UPPER CASE', path: 'library/UPPER CASE' },
    { image: 'registry.example/Team/app', path: 'Team/app' },
  ])('names the part of "$image" that has capitals', ({ image, path }) => {
    const why = `invalid reference format: repository name (${path}) must be lowercase`
    expect(parseImageName(image)).toEqual({
      fault: `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${why}`,
    })
  })

  const good = [
    ['busybox', 'busybox:latest', 'docker.io', 'library/busybox'],
    ['busybox:1.29', 'busybox:1.29', 'docker.io', 'library/busybox'],
    ['user/app', 'user/app:latest', 'docker.io', 'user/app'],
    ['registry.example:5000/a/b:v1', 'registry.example:5000/a/b:v1', 'registry.example:5000', 'a/b'],
    ['localhost/x', 'localhost/x:latest', 'localhost', 'x'],
  ] as const
  for (const [image, full, registry, repository] of good) {
    test(`reads ${image}`, () => {
      expect(parseImageName(image)).toEqual({ full, registry, repository })
    })
  }
  for (const image of [
    '',
    'Not/A/Valid:Image:Name',
    'user/App',
    'a b',
    'x@sha256:12',
    'a//b',
    '/x',
    'x:',
    `x:${'t'.repeat(200)}`,
  ]) {
    test(`refuses ${JSON.stringify(image.slice(0, 30))}`, () => {
      expect(parseImageName(image)).toHaveProperty('fault')
    })
  }
})

describe('credentials', () => {
  const image = { registry: 'registry.example:5000', repository: 'team/app' }
  const places = [
    ['registry.example:5000', true],
    ['https://registry.example:5000/v2/', true],
    ['registry.example:5000/team', true],
    ['registry.example:5000/tea', false],
    ['*.example:5000', true],
    ['other.example:5000', false],
    ['example:5000', false],
  ] as const
  for (const [place, applies] of places) {
    test(`for ${place} ${applies ? 'open' : 'do not open'} registry.example:5000/team/app`, () => {
      expect(credentialsApply(place, image)).toBe(applies)
    })
  }

  test('are read from a pull Secret, and nothing from one that is no JSON', () => {
    const auths = { 'registry.example:5000': { auth: Buffer.from('me:pass:word').toString('base64') } }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    const secrets = [
      { metadata: {}, data },
      { metadata: {}, data: { '.dockerconfigjson': 'e30=x' } },
    ]
    expect(credentialsFor({ full: '', ...image }, secrets)).toEqual([
      { serverAddress: 'registry.example:5000', username: 'me', password: 'pass:word' },
    ])
  })
})
