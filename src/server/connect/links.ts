/**
 * Links in the answers of the proxied: they lead through the proxy again
 * (https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/).
 */

import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { createDeflateRaw, createGunzip, createGzip, createInflateRaw } from 'node:zlib'
import { joined } from './proxied-path.ts'

/** Where a page was found. */
export interface PagePlace {
  /** The path under which the server proxies it. */
  readonly prefix: string
  /** Hosts that mean the proxied: its own, and the one that the client asked. */
  readonly ownHost: string
  readonly requestHost: string
}

/** A link as it must be to lead through the proxy; relative ones and those to others stay. */
export function throughProxy(link: string, { prefix, ownHost, requestHost }: PagePlace): string {
  const { scheme = '', authority = '', path = '', rest = '' } = LINK.exec(link)?.groups ?? {}
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/^\/\//, '')
  const isElsewhere = host !== '' && host !== requestHost && host !== ownHost
  if (isElsewhere || !path.startsWith('/')) return link
  const origin = host !== '' && host === requestHost ? `${scheme}${authority}` : ''
  return `${origin}${path.startsWith(prefix) ? path : joined(prefix, path)}${rest}`
}

const LINK = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?(?<authority>\/\/[^/?#]*)?(?<path>[^?#]*)(?<rest>.*)$/s

/** Whether an answer is a page whose links must be followed through the proxy. */
export function isPage({ headers }: IncomingMessage): boolean {
  const type = headers['content-type']?.split(';', 1)[0]?.trim()
  return type === 'text/html' && ENCODINGS.has(headers['content-encoding'] ?? '')
}

const ENCODINGS: ReadonlyMap<string, readonly [decode: () => Duplex, encode: () => Duplex] | undefined> = new Map([
  ['', undefined],
  ['gzip', [createGunzip, createGzip]],
  ['deflate', [createInflateRaw, createDeflateRaw]],
])

/** The streams that a page goes through on its way: what is not a link stays as it is, to the byte. */
export async function rewrittenPage(page: IncomingMessage, place: PagePlace): Promise<(Readable | Duplex)[]> {
  const { linkRewriter } = await import('./link-rewriter.ts')
  const rewriter = linkRewriter((link) => throughProxy(link, place))
  const coding = ENCODINGS.get(page.headers['content-encoding'] ?? '')
  if (coding === undefined) return [page, ...rewriter]
  const [decode, encode] = coding
  return [page, decode(), ...rewriter, encode()]
}
