/** What a watch by labels or fields is told when objects enter or leave it, kind by kind and in every form. */

import { configMap, deployment, event, of, pod, service } from './objects.ts'
import { at, get, jsonPatch, METADATA, patch, post, put, remove, script, type Step, TABLE, watch } from './script.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const maps = at('configmaps')
const map = (name: string) => at('configmaps', name)
const encoded = (selector: string) => encodeURIComponent(selector).replaceAll('%24NS', '$NS')
const labelled = (all: string, selector: string, more = '') => `${all}?labelSelector=${encoded(selector)}${more}`
const fielded = (all: string, selector: string, more = '') => `${all}?fieldSelector=${encoded(selector)}${more}`
const SINCE = '&resourceVersion=$FIRST'
const begin = { save: { FIRST: 'metadata.resourceVersion' } }

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const running = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }

/** Objects of a kind that come and go by a field of theirs. */
const byField = (all: string, one: string, object: object, changes: readonly Step[], selectors: readonly string[]) => [
  post(all, object, begin),
  ...changes,
  remove(`${one}?gracePeriodSeconds=0`),
  ...selectors.map((selector) => watch(fielded(all, selector, SINCE))),
  watch(fielded(all, selectors[0]!, SINCE), { accept: TABLE }),
  watch(fielded(all, selectors[0]!, SINCE), { accept: METADATA }),
  watch(fielded(all, selectors[0]!, SINCE), { accept: PROTOBUF }),
]

const KINDS = (
  'pods services endpoints secrets serviceaccounts events resourcequotas limitranges persistentvolumeclaims podtemplates ' +
  'replicationcontrollers deployments replicasets statefulsets daemonsets jobs cronjobs leases poddisruptionbudgets ' +
  'ingresses networkpolicies horizontalpodautoscalers roles rolebindings endpointslices'
).split(' ')
const p = at('pods', 'x')
const INITIAL = ['', 'sendInitialEvents=true', 'sendInitialEvents=false', 'sendInitialEvents=']
const BOOKMARKS = ['', 'allowWatchBookmarks=true', 'allowWatchBookmarks=']
const MATCHES = ['', 'resourceVersionMatch=NotOlderThan', 'resourceVersionMatch=Exact', 'resourceVersionMatch=']
const VERSIONS = ['', 'resourceVersion=0', 'resourceVersion=$FIRST']
const combinations = (selector: string): Step[] =>
  VERSIONS.flatMap((version) =>
    MATCHES.flatMap((match) =>
      INITIAL.flatMap((initial) =>
        BOOKMARKS.map((bookmark) =>
          watch(`${maps}?${[selector, version, match, initial, bookmark].filter((part) => part !== '').join('&')}`),
        ),
      ),
    ),
  )

export const watchSelectionScripts = [
  script(
    'watch selections/labels',
    post(maps, configMap('a', { data: { n: '1' } }, { labels: { k: 'v', l: '1' } }), begin),
    put(map('a'), configMap('a', { data: { n: '2' } }, { labels: { k: 'v', l: '2' } })),
    jsonPatch(map('a'), [{ op: 'replace', path: '/metadata/labels/k', value: 'w' }]),
    put(map('a'), configMap('a', { data: { n: '3' } })),
    patch(map('a'), { metadata: { labels: { k: 'v' }, finalizers: ['a.io/b'] } }),
    remove(map('a')),
    patch(map('a'), { metadata: { labels: { k: 'x' } } }),
    patch(map('a'), { metadata: { labels: { k: 'v' } } }),
    patch(map('a'), { metadata: { finalizers: null, labels: { k: 'y' } } }),
    post(maps, configMap('b', {}, { labels: { k: 'w' } })),
    remove(map('b')),
    ...['k=v', 'k!=v', 'k', '!k', 'k in (v,w)', 'k notin (v,x)', 'l=1', 'l>1', 'l<2', 'k=v,l', ' k = v ', ''].flatMap(
      (selector) => [
        watch(labelled(maps, selector, SINCE)),
        watch(labelled(maps, selector, SINCE), { accept: METADATA }),
        watch(labelled(maps, selector, SINCE), { accept: TABLE }),
        watch(labelled(maps, selector, `${SINCE}&includeObject=Object`), { accept: TABLE }),
        watch(labelled(maps, selector, SINCE), { accept: PROTOBUF }),
      ],
    ),
    watch(labelled(maps, 'k=v', `${SINCE}&fieldSelector=metadata.name%3Da`)),
    watch(labelled(maps, 'k=v', `${SINCE}&fieldSelector=metadata.name%3Db`)),
    watch(labelled('/api/v1/configmaps', 'k=v', `${SINCE}&fieldSelector=metadata.namespace%3D$NS`)),
    watch(fielded('/api/v1/configmaps', 'metadata.namespace=$NS,metadata.name!=a', SINCE)),
    watch(`${map('a')}?resourceVersion=$FIRST&labelSelector=k%3Dv`),
    watch(`${map('a')}?resourceVersion=$FIRST&fieldSelector=metadata.name%3Db`),
    watch(`${map('a')}?resourceVersion=$FIRST&fieldSelector=metadata.name%3Da`),
    get(`${maps}/a?watch=1&timeoutSeconds=1&resourceVersion=$FIRST`, { accept: TABLE }),
  ),
  script(
    'watch selections/pods',
    ...byField(
      at('pods'),
      p,
      pod('x', { serviceAccountName: 'default', schedulerName: 's' }),
      [
        post(`${p}/binding`, of('v1', 'Binding', 'x', { target: { kind: 'Node', name: 'n' } })),
        patch(`${p}/status`, { status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] } }),
        patch(`${p}/status`, { status: { nominatedNodeName: 'm' } }),
        remove(p),
        patch(`${p}/status`, { status: { phase: 'Failed' } }),
      ],
      [
        'status.phase=Running',
        'spec.nodeName=n',
        'spec.nodeName!=n',
        'status.podIP=10.0.0.1',
        'status.podIP!=10.0.0.1',
        'status.nominatedNodeName=m',
        'status.phase!=Failed,status.phase!=Succeeded,spec.nodeName=n',
        'spec.schedulerName=s',
        'spec.hostNetwork=true',
        'spec.serviceAccountName=default',
      ],
    ),
  ),
  script(
    'watch selections/services and secrets',
    ...byField(
      at('services'),
      at('services', 'x'),
      service('x'),
      [
        patch(at('services', 'x'), { spec: { type: 'ExternalName', externalName: 'a.b' } }),
        patch(at('services', 'x'), { spec: { type: 'ClusterIP', externalName: null } }),
      ],
      ['spec.type=ExternalName', 'spec.type!=ExternalName', 'spec.clusterIP=None'],
    ),
    ...byField(
      at('secrets'),
      at('secrets', 'x'),
      of('v1', 'Secret', 'x', { type: 'a.io/b' }),
      [patch(at('secrets', 'x'), { stringData: { a: 'b' } })],
      ['type=a.io/b', 'type!=a.io/b', 'type=Opaque'],
    ),
  ),
  script(
    'watch selections/jobs and replica sets',
    ...byField(
      at('jobs'),
      at('jobs', 'x'),
      of('batch/v1', 'Job', 'x', { spec: { template: running } }),
      [patch(`${at('jobs', 'x')}/status`, { status: { succeeded: 1, startTime: '2026-01-01T00:00:00Z' } })],
      ['status.successful=1', 'status.successful=0', 'metadata.name=x'],
    ),
    ...byField(
      at('replicasets'),
      at('replicasets', 'x'),
      of('apps/v1', 'ReplicaSet', 'x', { spec: { selector: { matchLabels: { app: 'a' } }, template } }),
      [patch(`${at('replicasets', 'x')}/status`, { status: { replicas: 1 } })],
      ['status.replicas=1', 'status.replicas!=1'],
    ),
    ...byField(
      at('replicationcontrollers'),
      at('replicationcontrollers', 'x'),
      of('v1', 'ReplicationController', 'x', { spec: { template } }),
      [patch(`${at('replicationcontrollers', 'x')}/status`, { status: { replicas: 1 } })],
      ['status.replicas=1', 'status.replicas=0'],
    ),
  ),
  script(
    'watch selections/events',
    ...byField(
      at('events'),
      at('events', 'x'),
      event({ involvedObject: { kind: 'Pod', name: 'p', namespace: '$NS' }, type: 'Normal', reason: 'R' }, 'x'),
      [patch(at('events', 'x'), { type: 'Warning', count: 2 })],
      [
        'type=Normal',
        'type=Warning',
        'reason=R',
        'involvedObject.name=p,involvedObject.kind=Pod',
        'source=',
        'reportingComponent=',
      ],
    ),
    ...['regarding.name=p', 'type=Warning', 'reportingController=', 'involvedObject.name=p'].map((selector) =>
      watch(fielded('/apis/events.k8s.io/v1/namespaces/$NS/events', selector, SINCE)),
    ),
  ),
  ...['', 'labelSelector=k%3Dv', 'fieldSelector=metadata.name%3Da'].map((selector) =>
    script(
      `watch selections/combinations of ${selector}`,
      post(maps, configMap('a', {}, { labels: { k: 'v' } }), begin),
      post(maps, configMap('b')),
      ...combinations(selector),
    ),
  ),
  script(
    'watch selections/bookmarks of kinds',
    post(at('deployments'), deployment('d')),
    ...KINDS.flatMap((kind) =>
      ['application/json', PROTOBUF, METADATA, TABLE].map((accept) =>
        watch(`${at(kind)}?allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, {
          accept,
        }),
      ),
    ),
  ),
  script(
    'watch selections/times',
    post(maps, configMap('a'), begin),
    ...['0', '1', '-1', '', '1.5', '9223372036854775808', '1s'].map((seconds) =>
      get(`${maps}?watch=1&timeoutSeconds=1&timeoutSeconds=${seconds}&resourceVersion=0`),
    ),
    ...['-1', '1.5', '9223372036854775808', '1s', 'x'].map((seconds) =>
      get(`${maps}?watch=1&timeoutSeconds=${seconds}&resourceVersion=0`),
    ),
    ...['true', 'True', 't', 'TRUE', '1', 'yes', 'false', 'F', '2', ''].map((value) =>
      get(`${maps}?watch=${value}&timeoutSeconds=1&resourceVersion=0`),
    ),
    get(`/api/v1/watch/namespaces/$NS/configmaps?timeoutSeconds=1&watch=0`),
    get(`/api/v1/watch/configmaps?timeoutSeconds=1&watch=1&fieldSelector=metadata.namespace%3D$NS`),
    get(`/api/v1/watch/namespaces/$NS/pods?timeoutSeconds=1&watch=1&fieldSelector=spec.nodeName%3Dnone`),
    get(`/api/v1/watch/namespaces/$NS/nothings?timeoutSeconds=1&watch=1`),
    get(`/apis/apps/v1/watch/namespaces/$NS/deployments?timeoutSeconds=1&watch=1`),
    get(`/apis/apps/v1/watch/namespaces/$NS/deployments/d?timeoutSeconds=1&watch=1`),
    get(`/apis/apps/v1/watch/namespaces/$NS/deployments/d/scale?timeoutSeconds=1&watch=1`),
    get(`/api/v1/watch/namespaces/$NS?timeoutSeconds=1&watch=1`),
    get(`/api/v1/watch/namespaces/none?timeoutSeconds=1&watch=1`),
    get(`/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?timeoutSeconds=1&watch=1`),
    get(`/api/v1/componentstatuses?timeoutSeconds=1&watch=1`),
    get(`${at('bindings')}?timeoutSeconds=1&watch=1`),
  ),
]
