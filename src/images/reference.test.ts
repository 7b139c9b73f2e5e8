import { expect, test } from 'vitest'

import { normalizeName } from './reference.ts'

const digest = `sha256:${'ab'.repeat(32)}`
const names = [
  { text: 'busybox', full: 'docker.io/library/busybox:latest' },
  { text: 'busybox:1.36', full: 'docker.io/library/busybox:1.36' },
  { text: 'docker.io/busybox', full: 'docker.io/library/busybox:latest' },
  { text: 'owner/name', full: 'docker.io/owner/name:latest' },
  { text: 'ghcr.io/owner/name:v1', full: 'ghcr.io/owner/name:v1' },
  { text: 'localhost:5000/web', full: 'localhost:5000/web:latest' },
  { text: `busybox@${digest}`, full: `docker.io/library/busybox@${digest}` },
  { text: `busybox:1@${digest}`, full: `docker.io/library/busybox:1@${digest}` },
]
for (const { text, full } of names) test(`${text} means ${full}`, () => expect(normalizeName(text)).toBe(full))

for (const text of ['', 'Busybox', 'a b', 'busybox:', '../../etc', 'x@sha256:12', '-x', 'a//b']) {
  test(`"${text}" names no image`, () => expect(() => normalizeName(text)).toThrow('cannot name an image'))
}
