/** Registry credentials out of pull Secrets (https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod). */

import type { Secret } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { AuthConfig } from '../cri/runtime.ts'
import type { ImageName } from './image-name.ts'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** `https://index.docker.io/v1/` and `docker.io` mean the same place. */
function placeOf(server: string): string {
  const bare = server.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  const [host = '', ...path] = bare.split('/')
  const place = ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host
  const rest = path.join('/').replace(/^v[12]$/, '')
  return rest === '' ? place : `${place}/${rest}`
}

const segmentMatches = (pattern: string, text: string) =>
  pattern === text || (pattern.includes('*') && globMatches(pattern, text))

/** `*` stands for any run of letters within one part of a host. */
function globMatches(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const [head = ''] = parts
  const tail = parts.at(-1) ?? ''
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false
  let at = head.length
  for (const part of parts.slice(1, -1)) {
    at = text.indexOf(part, at)
    if (at < 0) return false
    at += part.length
  }
  return at <= text.length - tail.length
}

/** Whether credentials for `place` (host, port, start of a path) are meant for the image. */
export function credentialsApply(
  place: string,
  { registry, repository }: Pick<ImageName, 'registry' | 'repository'>,
): boolean {
  const [host = '', ...path] = placeOf(place).split('/')
  const wanted = host.split('.')
  const given = registry.split('.')
  if (wanted.length !== given.length || !wanted.every((part, index) => segmentMatches(part, given[index] ?? '')))
    return false
  const prefix = path.join('/')
  return prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`)
}

function authOf(server: string, entry: unknown): AuthConfig | undefined {
  if (!isRecord(entry)) return undefined
  const decoded = Buffer.from(textOf(entry['auth']) ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  const username = textOf(entry['username']) ?? (colon < 0 ? undefined : decoded.slice(0, colon))
  const password = textOf(entry['password']) ?? (colon < 0 ? undefined : decoded.slice(colon + 1))
  const identityToken = textOf(entry['identitytoken'])
  const registryToken = textOf(entry['registrytoken'])
  return {
    serverAddress: server,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(identityToken !== undefined && { identityToken }),
    ...(registryToken !== undefined && { registryToken }),
  }
}

/** The servers and their entries in a pull Secret; nothing in one that cannot be read. */
function entriesOf(secret: DeepReadonly<Secret>): readonly (readonly [string, unknown])[] {
  const modern = secret.data?.['.dockerconfigjson']
  const legacy = secret.data?.['.dockercfg']
  try {
    const parsed: unknown = JSON.parse(Buffer.from(modern ?? legacy ?? '', 'base64').toString('utf8'))
    const auths = isRecord(parsed) ? (modern === undefined ? parsed : parsed['auths']) : undefined
    return isRecord(auths) ? Object.entries(auths) : []
  } catch {
    return []
  }
}

/** Every credential that may open the image's registry, the most particular first. */
export function credentialsFor(image: ImageName, secrets: readonly DeepReadonly<Secret>[]): readonly AuthConfig[] {
  return secrets
    .flatMap(entriesOf)
    .filter(([server]) => credentialsApply(server, image))
    .toSorted(([a], [b]) => placeOf(b).length - placeOf(a).length)
    .flatMap(([server, entry]) => authOf(server, entry) ?? [])
}
