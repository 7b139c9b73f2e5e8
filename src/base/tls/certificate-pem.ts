/** Certificates as PEM (https://www.rfc-editor.org/rfc/rfc7468). */

import { X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----\r?\n([^-]*)-----END \1-----/g

/** What keeps a text from being one certificate or several; nothing for an empty one. */
export function certificatesFault(pem: string): string | undefined {
  if (pem === '') return undefined
  let blocks = 0
  for (const [, type = '', body = ''] of pem.matchAll(BLOCK)) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (body.includes(':')) return 'no PEM block headers are permitted'
    blocks++
    try {
      void new X509Certificate(Buffer.from(body, 'base64'))
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return blocks === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}
