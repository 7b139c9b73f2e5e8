/** What can be done with the tokens of service accounts, how long, and what reviews tell of them. */

import { configMap, of, pod } from './objects.ts'
import { at, get, post, remove, script, type Step } from './script.ts'

const GROUP = 'rbac.authorization.k8s.io'
const token = (spec: object) => of('authentication.k8s.io/v1', 'TokenRequest', '', { spec })
const asks = (name: string, spec: object, as: string): Step =>
  post(`${at('serviceaccounts', name)}/token`, token(spec), { unread: true, save: { [as]: 'status.token' } })
const by = (name: string) => ({ anonymous: true, headers: { authorization: `Bearer $${name}` } })
const review = (name: string, audiences?: readonly string[]): Step =>
  post(
    '/apis/authentication.k8s.io/v1/tokenreviews',
    of('authentication.k8s.io/v1', 'TokenReview', '', {
      spec: { token: `$${name}`, ...(audiences === undefined ? {} : { audiences }) },
    }),
  )
const whoami = (name: string): Step =>
  post(
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    of('authentication.k8s.io/v1', 'SelfSubjectReview', ''),
    by(name),
  )
const maps = at('configmaps')
const ISSUER = 'https://kubernetes.default.svc.cluster.local'

const uses = (name: string): Step[] => [
  whoami(name),
  get(maps, by(name)),
  get('/api', { ...by(name), unread: true }),
  review(name),
]

export const serviceAccountTokenScripts = [
  script(
    'tokens/use',
    post(at('serviceaccounts'), of('v1', 'ServiceAccount', 'robot'), { save: { SA: 'metadata.uid' } }),
    post(at('pods'), pod('p', { serviceAccountName: 'robot' }), { save: { POD: 'metadata.uid' } }),
    post(at('secrets'), of('v1', 'Secret', 's'), { save: { SECRET: 'metadata.uid' } }),
    asks('robot', {}, 'PLAIN'),
    asks('robot', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: '$POD' } }, 'PODS'),
    asks('robot', { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's', uid: '$SECRET' } }, 'SECRETS'),
    asks('robot', { audiences: ['other'] }, 'OTHER'),
    asks('robot', { audiences: ['other', ISSUER], expirationSeconds: 600 }, 'BOTH'),
    ...['PLAIN', 'PODS', 'SECRETS', 'OTHER', 'BOTH'].flatMap(uses),
    review('PLAIN', ['other']),
    review('PLAIN', [ISSUER]),
    review('OTHER', ['other']),
    review('OTHER', ['other', 'more']),
    review('BOTH', ['other', ISSUER]),
    review('BOTH', ['none']),
    review('PLAIN', []),
    review('NONE'),
    // The right to look, given to the account and then to all accounts of the namespace.
    post(
      at('roles'),
      of(`${GROUP}/v1`, 'Role', 'r', {
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create'] }],
      }),
    ),
    post(
      at('rolebindings'),
      of(`${GROUP}/v1`, 'RoleBinding', 'r', {
        subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: '$NS' }],
        roleRef: { apiGroup: GROUP, kind: 'Role', name: 'r' },
      }),
    ),
    { ...post(`${maps}?dryRun=All`, configMap('a'), by('PLAIN')), waitMs: 500 },
    get(maps, by('PODS')),
    get(maps, by('OTHER')),
    // What a token is bound to goes away. Kubernetes believes a token for ten seconds.
    remove(at('secrets', 's')),
    remove(`${at('pods', 'p')}?gracePeriodSeconds=0`),
    { ...get(maps, { ...by('SECRETS'), unread: true }), waitMs: 11_000 },
    review('SECRETS'),
    get(maps, { ...by('PODS'), unread: true }),
    review('PODS'),
    post(at('pods'), pod('p', { serviceAccountName: 'robot' })),
    review('PODS'),
    remove(at('serviceaccounts', 'robot')),
    { ...get(maps, { ...by('PLAIN'), unread: true }), waitMs: 11_000 },
    review('PLAIN'),
    post(at('serviceaccounts'), of('v1', 'ServiceAccount', 'robot')),
    review('PLAIN'),
    asks('robot', {}, 'AGAIN'),
    review('AGAIN'),
  ),
  script(
    'tokens/of no use',
    ...['', 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', '🐳'].flatMap((text) => [
      post(
        '/apis/authentication.k8s.io/v1/tokenreviews',
        of('authentication.k8s.io/v1', 'TokenReview', '', { spec: { token: text } }),
      ),
    ]),
    ...['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'].map((text) =>
      get('/api/v1/pods', { anonymous: true, headers: { authorization: `Bearer ${text}` } }),
    ),
    get('/api/v1/pods', { anonymous: true, headers: { authorization: 'Basic eDp5' } }),
    get('/api/v1/pods', { anonymous: true, headers: { authorization: 'Bearer' } }),
    get('/api/v1/pods', { anonymous: true, headers: { authorization: 'bearer x' } }),
    get('/healthz', { anonymous: true, headers: { authorization: 'Bearer x' } }),
    get('/version', { anonymous: true, unread: true }),
  ),
]
