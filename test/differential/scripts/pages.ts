/** Pages and revisions of lists: continue tokens of all sorts, every combination of resourceVersion and its match, watches too. */

import { configMap } from './objects.ts'
import { at, get, METADATA, patch, post, remove, script, type Step, TABLE, watch } from './script.ts'

const maps = at('configmaps')
const token = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
const from = (content: object, more = '') => get(`${maps}?limit=1&continue=${token(content)}${more}`)
const META = 'meta.k8s.io/v1'

const revisions = ['', '0', '$FIRST', '$LAST', '1', '99999999', 'x']
const matches = ['', 'Exact', 'NotOlderThan', 'exact']
const parameters = (...pairs: readonly (readonly [string, string])[]) =>
  pairs
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

/** A list from a revision yet to come waits for it: what it answers then is told, not when. */
const combined = (make: (query: string) => Step, extra: readonly (readonly [string, string])[] = []): Step[] =>
  revisions.flatMap((resourceVersion) =>
    matches
      .filter((match) => resourceVersion !== '99999999' || match === 'Exact')
      .map((match) =>
        make(parameters(['resourceVersion', resourceVersion], ['resourceVersionMatch', match], ...extra)),
      ),
  )

const three: readonly Step[] = [
  post(maps, configMap('a', {}, { labels: { k: 'v' } }), { save: { FIRST: 'metadata.resourceVersion' } }),
  post(maps, configMap('b', {}, { labels: { k: 'w' } })),
  post(maps, configMap('c', {}, { labels: { k: 'v' } }), { save: { LAST: 'metadata.resourceVersion' } }),
]

export const pageScripts = [
  script('pages/matrix of lists', ...three, ...combined((query) => get(`${maps}?${query}`))),
  script('pages/matrix of pages', ...three, ...combined((query) => get(`${maps}?${query}`), [['limit', '2']])),
  script('pages/matrix of single objects', ...three, ...combined((query) => get(`${at('configmaps', 'a')}?${query}`))),
  script(
    'pages/matrix of watches',
    ...three,
    ...combined((query) => watch(`${maps}?${query}`)).filter(({ path }) => !/99999999|=x|ion=1&/.test(path)),
    ...combined(
      (query) => watch(`${maps}?${query}`),
      [
        ['sendInitialEvents', 'true'],
        ['allowWatchBookmarks', 'false'],
      ],
    ).filter(({ path }) => !/99999999|=x|ion=1&/.test(path)),
    ...combined((query) => watch(`${maps}?${query}`), [['sendInitialEvents', 'false']]).filter(
      ({ path }) => !/99999999|=x|ion=1&/.test(path),
    ),
  ),
  script(
    'pages/tokens',
    ...three,
    get(`${maps}?limit=1`, { save: { NEXT: 'metadata.continue' } }),
    get(`${maps}?limit=1&continue=$NEXT`, { save: { AFTER: 'metadata.continue' } }),
    get(`${maps}?limit=1&continue=$AFTER`),
    get(`${maps}?limit=5&continue=$AFTER`, { accept: TABLE }),
    get(`${maps}?limit=1&continue=$NEXT`, { accept: METADATA }),
    get(`/api/v1/configmaps?limit=1&continue=$NEXT&fieldSelector=metadata.namespace%3D$NS`, { unread: true }),
    remove(at('configmaps', 'b')),
    get(`${maps}?limit=1&continue=$NEXT`),
    patch(at('configmaps', 'c'), { data: { a: 'b' } }),
    get(`${maps}?limit=2&continue=$NEXT`),
    remove(maps),
    get(`${maps}?continue=$NEXT`),
    get(`${maps}?limit=1&continue=$NEXT&labelSelector=k%3Dv`),
    get(`${maps}?limit=1&continue=$NEXT&watch=0`),
    watch(`${maps}?limit=1&continue=$NEXT`),
    get(`${maps}?limit=1&continue=%20`),
    get(`${maps}?limit=1&continue=`),
    get(`${maps}?limit=0&continue=$NEXT`),
    get(`${at('secrets')}?limit=1&continue=$NEXT`, { unread: true }),
    from({ v: META, rv: 1, start: 'a\0' }),
    from({ v: META, rv: -1, start: '' }),
    from({ v: META, rv: 0, start: 'a' }),
    from({ v: META, rv: -1, start: '/a' }),
    from({ v: META, rv: -1, start: 'a/../../b' }),
    from({ v: META, start: 'a' }),
    from({ v: META, rv: 'x', start: 'a' }),
    from({ rv: 1, start: 'a' }),
    from({}),
    from([]),
    from({ v: META, rv: -1, start: 'a\0' }, '&resourceVersion=5'),
    from({ v: META, rv: -1, start: 'a\0' }, '&resourceVersion=0'),
    from({ v: META, rv: -2, start: 'a\0' }),
    from({ v: META, rv: 99_999_999, start: 'a\0' }),
  ),
  script(
    'pages/collections deleted by pages',
    ...three,
    remove(`${maps}?limit=1`, { unread: true }),
    get(maps),
    remove(`${maps}?limit=1&labelSelector=k%3Dnone`),
    remove(`${maps}?continue=bogus`),
    remove(`${maps}?resourceVersionMatch=Exact&resourceVersion=1`),
    remove(`${maps}?resourceVersionMatch=NotOlderThan`),
    remove(`${maps}?sendInitialEvents=true`),
    remove(`${maps}?timeoutSeconds=5&labelSelector=k%21%3Dnone&dryRun=All`),
    remove(`${maps}?watch=true`),
    get(maps),
  ),
]
