/** URLs (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library). */

import { declare, type Library } from '../environment.ts'
import { EvaluationError, LiteralMap, type OpaqueValue } from '../values.ts'

const SHAPE = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

class Url implements OpaqueValue {
  readonly celType = 'kubernetes.URL'
  readonly text: string
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string

  constructor(text: string, [, scheme = '', authority = '', path = '', query = '']: RegExpExecArray) {
    this.text = text
    this.scheme = scheme.toLowerCase()
    this.host = authority.slice(authority.lastIndexOf('@') + 1)
    this.path = path
    this.query = query
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Url && other.text === this.text
  }
}

/** An absolute URL or an absolute path. */
function readUrl(text: string): Url | undefined {
  const match = SHAPE.exec(text)
  if (match === null || /[\p{Cc} ]/u.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return undefined
  const url = new Url(text, match)
  const isAbsolute = url.scheme !== '' || text.startsWith('/')
  const { port } = splitHost(url.host)
  return isAbsolute && /^\d*$/.test(port) && isHost(url.host) ? url : undefined
}

const isHost = (host: string): boolean =>
  (host.startsWith('[') ? /^\[[0-9a-fA-F:.%]+\](?::\d*)?$/ : /^[^[\]<>"\\^`{|}:]*(?::\d*)?$/).test(host)

function splitHost(host: string): { name: string; port: string } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(host)
  return { name: (match?.[1] ?? host).replace(/^\[|\]$/g, ''), port: match?.[2] ?? '' }
}

function toUrl(text: string): Url {
  const url = readUrl(text)
  if (url === undefined)
    throw new EvaluationError(`URL parse error during conversion from string: parse "${text}": invalid URI for request`)
  return url
}

function queryOf({ query }: Url): LiteralMap {
  const values = new Map<string, string[]>()
  for (const [key, value] of new URLSearchParams(query)) values.set(key, [...(values.get(key) ?? []), value])
  return new LiteralMap(values)
}

const read = (name: string, of: (url: Url) => string) => declare(`kubernetes.URL->${name}(): string`, of)

export const urls: Library = {
  functions: [
    declare('url(string): kubernetes.URL', toUrl),
    declare('isURL(string): bool', (text: string) => readUrl(text) !== undefined),
    read('getScheme', ({ scheme }) => scheme),
    read('getHost', ({ host }) => host),
    read('getHostname', ({ host }) => splitHost(host).name),
    read('getPort', ({ host }) => splitHost(host).port),
    read('getEscapedPath', ({ path }) => path),
    declare('kubernetes.URL->getQuery(): map(string, list(string))', queryOf),
  ],
}
