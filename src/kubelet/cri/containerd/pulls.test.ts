import { describe, expect, test } from 'vitest'

import { type Download, blobsInManifest, joinPulls } from './pulls.ts'

const download = (digest: string, doneBytes: number, totalBytes: number, updatedAt = 5): Download => ({
  digest,
  doneBytes,
  totalBytes,
  updatedAt,
})
const layers = (sizes: Readonly<Record<string, number>>) =>
  Object.entries(sizes).map(([digest, size]) => ({ digest, size }))

describe('joinPulls()', () => {
  const cases = [
    { when: 'nothing comes', downloads: [], manifests: [], there: {}, pulls: [] },
    {
      when: 'only the manifest comes yet',
      downloads: [download('m', 100, 400)],
      manifests: [],
      there: {},
      pulls: [{ image: '', doneBytes: 100, totalBytes: 400, updatedAt: 5 }],
    },
    {
      when: 'one layer is there, one comes, one waits its turn',
      downloads: [download('b', 30, 60, 9)],
      manifests: [{ image: 'docker.io/library/web', blobs: layers({ a: 40, b: 60, c: 100 }) }],
      there: { a: 40 },
      pulls: [{ image: 'docker.io/library/web', doneBytes: 70, totalBytes: 200, updatedAt: 9 }],
    },
    {
      when: 'an image of which nothing comes waits for its unpacking',
      downloads: [download('x', 1, 2)],
      manifests: [{ image: 'r/whole', blobs: layers({ a: 40 }) }],
      there: { a: 40 },
      pulls: [{ image: '', doneBytes: 1, totalBytes: 2, updatedAt: 5 }],
    },
    {
      when: 'two images share a layer',
      downloads: [download('shared', 10, 20), download('own', 1, 5, 7)],
      manifests: [
        { image: 'r/one', blobs: layers({ shared: 20 }) },
        { image: 'r/two', blobs: layers({ shared: 20, own: 5 }) },
      ],
      there: {},
      pulls: [
        { image: 'r/one', doneBytes: 10, totalBytes: 20, updatedAt: 5 },
        { image: 'r/two', doneBytes: 11, totalBytes: 25, updatedAt: 7 },
      ],
    },
  ]
  for (const { when, downloads, manifests, there, pulls } of cases)
    test(`sums up right when ${when}`, () => {
      expect(joinPulls(downloads, manifests, new Map(Object.entries(there)))).toEqual(pulls)
    })
})

describe('blobsInManifest()', () => {
  const cases = [
    {
      what: 'a manifest',
      json: '{"config":{"digest":"c","size":2},"layers":[{"digest":"l","size":3}]}',
      blobs: layers({ c: 2, l: 3 }),
    },
    { what: 'no JSON', json: '<html>', blobs: [] },
    { what: 'an index', json: '{"manifests":[{"digest":"x","size":1}]}', blobs: [] },
    { what: 'sizes that are none', json: '{"layers":[{"digest":"l","size":-3},{"digest":"l"},7]}', blobs: [] },
  ]
  for (const { what, json, blobs } of cases)
    test(`reads ${what}`, () => {
      expect(blobsInManifest(json)).toEqual(blobs)
    })
})
