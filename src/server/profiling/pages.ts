/**
 * Serves profiles of the server's process below `/debug/pprof/`, where `go tool pprof` asks for them
 * (https://pkg.go.dev/net/http/pprof).
 */

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { encodeProfile } from './pprof.ts'
import type { ProfileKind, TakeProfile } from './profiler.ts'

const compress = promisify(gzip)

export interface ProfileAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Answers for a path; undefined: it is none of these. Throws the reason of `signal`, which says that the client has gone. */
export type ProfilePages = (
  path: string,
  query: URLSearchParams,
  signal: AbortSignal,
) => Promise<ProfileAnswer | undefined>

const AT = '/debug/pprof/'
const MAX_SECONDS = 300

interface Offer {
  readonly seconds: number
  readonly about: string
  /** What only one at a time may use. */
  readonly uses: 'cpu' | 'heap'
}

const OFFERS: Readonly<Record<ProfileKind, Offer>> = {
  allocs: { seconds: 10, uses: 'heap', about: 'What was allocated while it was taken, a sample every 32 KiB.' },
  heap: { seconds: 10, uses: 'heap', about: 'The same, but only what is still in use at its end.' },
  profile: { seconds: 30, uses: 'cpu', about: "Where the processor's time went, a hundred samples a second." },
}

/** Profiles of one process: one of each sort at a time. */
export function profilePages(take: TakeProfile): ProfilePages {
  const used = new Set<string>()
  return async (path, query, signal) => {
    if (path === AT.slice(0, -1)) return REDIRECT
    if (!path.startsWith(AT)) return undefined
    const name = path.slice(AT.length)
    if (name === '') return { status: 200, headers: { 'content-type': HTML, ...AS_IS }, body: INDEX }
    if (!isKind(name)) return failure(404, 'Unknown profile')
    const { uses, seconds: usual } = OFFERS[name]
    const asked = Number(query.get('seconds') ?? '')
    const seconds = Number.isFinite(asked) && asked > 0 ? asked : usual
    if (seconds > MAX_SECONDS) return failure(400, `seconds may be at most ${MAX_SECONDS}`)
    if (used.has(uses))
      return failure(500, `Could not enable ${WORDS[uses]} profiling: ${uses} profiling already in use`)
    used.add(uses)
    try {
      const body = await compress(encodeProfile(await take(name, seconds * 1_000, signal)))
      const headers = {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${name}"`,
      }
      return { status: 200, headers: { ...headers, ...AS_IS }, body }
    } finally {
      used.delete(uses)
    }
  }
}

const isKind = (name: string): name is ProfileKind => Object.hasOwn(OFFERS, name)

const WORDS = { cpu: 'CPU', heap: 'heap' } as const
const HTML = 'text/html; charset=utf-8'
const AS_IS = { 'x-content-type-options': 'nosniff' }

const REDIRECT: ProfileAnswer = {
  status: 302,
  headers: { 'content-type': HTML, location: AT },
  body: `<a href="${AT}">Found</a>.\n\n`,
}

/** In the head that `go tool pprof` knows failures by. */
const failure = (status: number, text: string): ProfileAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...AS_IS, 'x-go-pprof': '1' },
  body: `${text}\n`,
})

const ROWS = Object.entries(OFFERS).map(
  ([name, { seconds, about }]) => `<li><a href="${name}?seconds=${seconds}">${name}</a>: ${about}</li>`,
)

const INDEX = `<html>
<head><title>${AT}</title></head>
<body>
${AT}
<p>Profiles of this process, for go tool pprof. The parameter seconds says how long one is taken, at most ${MAX_SECONDS}.</p>
<ul>
${ROWS.join('\n')}
</ul>
</body>
</html>
`
