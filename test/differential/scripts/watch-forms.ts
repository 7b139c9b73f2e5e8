/** Watches, and what discovery tells, in forms that few clients ask for. */

import { at, get, post, script, TABLE, watch } from './script.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const LIST = ';as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
const FROM_THE_START = 'allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'

const TABLES = [
  'pods',
  'services',
  'serviceaccounts',
  'limitranges',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'horizontalpodautoscalers',
  'networkpolicies',
  'poddisruptionbudgets',
  'endpointslices',
  'roles',
  'rolebindings',
]

export const watchFormScripts = [
  script(
    'watch/forms',
    post(at('configmaps'), { metadata: { name: 'a' } }),
    watch(at('configmaps'), { accept: `application/json${LIST}` }),
    watch(at('configmaps'), { accept: `application/json${LIST},application/json` }),
    watch(`${at('configmaps')}?${FROM_THE_START}`, { accept: `application/json${LIST}` }),
    watch(at('configmaps'), { accept: PROTOBUF + LIST }),
    watch(at('secrets'), { accept: `application/json${LIST}` }),
    watch('/api/v1/componentstatuses'),
    watch('/api/v1/componentstatuses', { accept: TABLE }),
    get('/api/v1/watch/componentstatuses'),
    get('/api/v1/componentstatuses/etcd-0?watch=1'),
    get('/api/v1/watch/componentstatuses/etcd-0'),
    get('/api', { accept: PROTOBUF, unread: true }),
    get('/api/v1', { accept: PROTOBUF }),
  ),
  script(
    'watch/bookmarks in tables',
    ...TABLES.map((resource) => watch(`${at(resource)}?${FROM_THE_START}`, { accept: TABLE })),
  ),
]
