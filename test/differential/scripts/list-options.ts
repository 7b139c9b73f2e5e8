/** Lists and watches with every combination of the options that say from which revision, how much and how long. */

import { configMap } from './objects.ts'
import { at, get, post, remove, script, type Step } from './script.ts'

const maps = at('configmaps')

const tokenOf = (token: object) => Buffer.from(JSON.stringify(token)).toString('base64url')
const v = 'meta.k8s.io/v1'

/** No UTF-8, but for the last. */
const NO_TEXT = [
  '%ff',
  '%c3%28',
  '%e9%80x',
  '%f0%9f%90',
  '%80%81',
  'a%FFb',
  '%ed%a0%80',
  '%c0%80',
  '%f4%90%80%80',
  '%ef%bf%bd',
]

/** Tokens to go on with that no server has given. */
const TOKENS: readonly string[] = [
  'x',
  '====',
  tokenOf({}),
  tokenOf({ v }),
  tokenOf({ v, rv: 1 }),
  tokenOf({ v, rv: 1, start: '' }),
  tokenOf({ v, rv: 0, start: 'a\0' }),
  tokenOf({ v, rv: -1, start: 'a\0' }),
  tokenOf({ v, rv: -2, start: 'a\0' }),
  tokenOf({ v, rv: 1.5, start: 'a\0' }),
  tokenOf({ v, rv: '1', start: 'a\0' }),
  tokenOf({ v, rv: -1, start: 1 }),
  tokenOf({ v, rv: -1, start: '/a' }),
  tokenOf({ v, rv: -1, start: '..' }),
  tokenOf({ v, rv: -1, start: 'a/../b' }),
  tokenOf({ v, rv: -1, start: './a' }),
  tokenOf({ v, rv: 1, start: 'a\0' }),
  tokenOf({ v: 'meta.k8s.io/v1alpha1', rv: -1, start: 'a\0' }),
  tokenOf({ V: v, RV: -1, Start: 'a\0' }),
  tokenOf({ v, rv: -1, start: 'a\0', more: 1 }),
  Buffer.from(JSON.stringify({ v, rv: -1, start: 'a>>>???' })).toString('base64'),
  `${tokenOf({ v, rv: -1, start: 'a\0' })}=`,
  ` ${tokenOf({ v, rv: -1, start: 'a\0' })}`,
  tokenOf({ v, rv: -1, start: 'a\0' }).slice(0, -3),
]

const REVISIONS = [
  undefined,
  '',
  '0',
  '1',
  '$SEEN',
  '99999999',
  'x',
  '-1',
  '1.5',
  '+1',
  '01',
  '0x1',
  '1e3',
  '18446744073709551616',
]
const MATCHES = [undefined, '', 'Exact', 'NotOlderThan', 'exact', 'Unset']
const LIMITS = [undefined, '0', '1', '-1', '', 'x', '1.5', '9223372036854775808']

type Options = Readonly<Record<string, string | undefined>>

const asked = (options: Options) => {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const text = given.map(
    ([name, value]) => `${name}=${value === '$SEEN' || value === '$NEXT' ? value : encodeURIComponent(value!)}`,
  )
  return get(text.length === 0 ? maps : `${maps}?${text.join('&')}`)
}

const made = ['a', 'b', 'c'].map((name) => post(maps, configMap(name, {}, { labels: { k: name } })))
const seen = get(`${maps}?limit=2`, { save: { NEXT: 'metadata.continue', SEEN: 'metadata.resourceVersion' } })

const watched = (options: Options): Step => asked({ watch: '1', timeoutSeconds: '1', ...options })

const FIELDS = [
  'metadata.name=a,metadata.namespace=$NS',
  'metadata.namespace!=$NS',
  'metadata.name!=a,metadata.name!=b',
  'metadata.name=',
  'metadata.name!=',
  'metadata.name=a,,metadata.name=a',
  ',',
  ',metadata.name=a',
  ' metadata.name=a',
  'metadata.name =a',
  'metadata.name= a',
  'metadata.name=a ',
  'metadata.name===a',
  'metadata.name=!a',
  'metadata.name!a',
  '!metadata.name',
  'metadata.name=a\\=b',
  'metadata.name=a\\\\',
  'metadata.name=a\\b',
  'metadata.name=a,metadata.name',
  'Metadata.Name=a',
  'metadata.name=a;metadata.name=b',
  'metadata.name in (a,b)',
  'metadata.name=고래',
  'a',
  '==',
  '!=',
  'metadata.annotations=x',
]
const LABELS = [
  'k in (a)',
  'k  in( a , b )',
  'k in (a,b),k notin (b)',
  'k in ("a")',
  'k=a,k=b',
  'k=a,,k=a',
  ',',
  ' ',
  '()',
  'k in a',
  'k in (a))',
  'k in ((a))',
  'k IN (a)',
  'in in (in)',
  'in',
  'notin',
  'k notin',
  'k in',
  'in=in',
  'notin notin (notin)',
  '!in',
  '!!k',
  '! k',
  'k = a',
  'k == a',
  'k === a',
  'k ! = a',
  'k != a',
  'k!==a',
  'k > 1',
  'k>1,k<3',
  'k>-1',
  'k>1.5',
  'k>1 2',
  'k<',
  'k>',
  '=a',
  '!=a',
  'k=a=b',
  'k,!k',
  'k\ta',
  'k\n',
  'k=(a)',
  'k=!a',
  'k=>a',
  '고래=a',
  'k=고래',
  'k in (,)',
  'k in (a,)',
  'k in (,a)',
  'a.b/k=a',
  '/k=a',
  'a.b/=a',
  'A.b/k',
  'k in (-)',
  'k in (a b)',
]

export const listOptionScripts = [
  ...REVISIONS.map((resourceVersion) =>
    script(
      `list options/lists at ${String(resourceVersion)}`,
      ...made,
      seen,
      ...MATCHES.flatMap((resourceVersionMatch) =>
        LIMITS.flatMap((limit) =>
          [undefined, '$NEXT'].map((token) => asked({ resourceVersion, resourceVersionMatch, limit, continue: token })),
        ),
      ),
    ),
  ),
  script(
    'list options/forged tokens',
    ...made,
    ...TOKENS.flatMap((token) => [
      asked({ continue: token, limit: '1' }),
      asked({ continue: token, resourceVersion: '1' }),
    ]),
    get(`${at('pods')}?limit=1&continue=${tokenOf({ v, rv: -1, start: 'a\0' })}`),
    get(`/api/v1/configmaps?limit=1&continue=${tokenOf({ v, rv: -1, start: '$NS/b\0' })}`, { unread: true }),
    remove(`${maps}?continue=x`),
    remove(`${maps}?continue=${tokenOf({ v, rv: -1, start: 'b\0' })}&dryRun=All`),
  ),
  ...['0', undefined, '$SEEN'].map((resourceVersion) =>
    script(
      `list options/watches from ${String(resourceVersion)}`,
      ...made,
      seen,
      ...[undefined, 'true', 'false', 'x', '1', ''].flatMap((sendInitialEvents) =>
        [undefined, '', 'NotOlderThan', 'Exact', 'x'].flatMap((resourceVersionMatch) =>
          [undefined, 'true'].map((allowWatchBookmarks) =>
            watched({ resourceVersion, resourceVersionMatch, sendInitialEvents, allowWatchBookmarks }),
          ),
        ),
      ),
      watched({ resourceVersion, limit: '1' }),
      watched({ resourceVersion, continue: 'x' }),
      watched({ resourceVersion, continue: '$NEXT' }),
    ),
  ),
  script(
    'list options/forms of flags',
    ...made,
    ...['', '0', '1', 'true', 'false', 'TRUE', 'True', 'yes', 'x', 't', 'f', 'no', 'off', 'on', '2'].flatMap(
      (watch) => [
        get(`${maps}?watch=${watch}&timeoutSeconds=1&limit=1`, { unread: true }),
        get(`${maps}?resourceVersion=0&sendInitialEvents=${watch}`),
        get(`${maps}?resourceVersion=0&watch=1&timeoutSeconds=1&allowWatchBookmarks=${watch}`),
      ],
    ),
    ...['', '0', '-1', 'x', '1.5', '1s', '99999999999', '+1'].map((seconds) =>
      get(`${maps}?timeoutSeconds=${seconds}`),
    ),
    ...['-1', 'x', '1.5', '1s', '+1', '01'].map((seconds) =>
      get(
        `${maps}?resourceVersion=0&watch=1&timeoutSeconds=${seconds}&labelSelector=none${seconds === '-1' ? '%20x' : ''}`,
      ),
    ),
    get(`${maps}?watch=0&watch=1&timeoutSeconds=1`),
    get(`${maps}?limit=1&limit=2`),
    get(`${maps}?resourceVersion=0&resourceVersion=x`),
    get(`${maps}?LIMIT=x`),
    get(`${maps}?bogus=1`),
    get(`${maps}?limit=1;continue=x`),
    get(`${maps}?limit=%zz`),
    get(`${maps}?%zz=1`),
    get(`${maps}?shardSelector=x`),
  ),
  script(
    'list options/field selectors',
    ...made,
    ...FIELDS.flatMap((fieldSelector) => [
      get(`${maps}?fieldSelector=${encodeURIComponent(fieldSelector).replaceAll('%24NS', '$NS')}`),
      remove(`${maps}?dryRun=All&fieldSelector=${encodeURIComponent(fieldSelector).replaceAll('%24NS', '$NS')}`),
    ]),
  ),
  script(
    'list options/label selectors',
    ...made,
    ...LABELS.flatMap((labelSelector) => [
      asked({ labelSelector }),
      remove(`${maps}?dryRun=All&labelSelector=${encodeURIComponent(labelSelector)}`),
    ]),
  ),
  script(
    'list options/bytes that are no text',
    ...NO_TEXT.flatMap((bytes) => [
      ...['labelSelector=', 'labelSelector=a%3D', 'labelSelector=a%20', 'fieldSelector=', 'limit='].map((about) =>
        get(`${maps}?${about}${bytes}`),
      ),
      get(`${maps}?resourceVersion=${bytes}`),
      get(`${maps}?watch=1&timeoutSeconds=${bytes}`),
      remove(`${maps}?dryRun=All&labelSelector=${bytes}`),
    ]),
  ),
]
