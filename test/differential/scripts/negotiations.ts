/** Accept headers of every sort, on every verb and on subresources: lists, qualities, parameters, transformations. */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, type Step, strategic, watch } from './script.ts'

const YAML = 'application/yaml'
const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const form = (type: string, as: string, v = 'v1', g = 'meta.k8s.io') => `${type};as=${as};v=${v};g=${g}`

const ACCEPTS: readonly string[] = [
  '*/*',
  'application/*',
  'application/*;q=0.5,application/yaml;q=0.4',
  'text/*,*/*;q=0.1',
  'text/html',
  `${JSON_TYPE};q=0.2,${YAML};q=0.9`,
  `${JSON_TYPE};q=0.2,${YAML};q=0.9,${PROTOBUF};q=0.95`,
  `${YAML};q=0`,
  `${JSON_TYPE};q=0,${YAML}`,
  `${YAML};q=2,${JSON_TYPE}`,
  `${YAML};q=x,${JSON_TYPE};q=0.5`,
  `${YAML};q=-1,${JSON_TYPE};q=0.5`,
  `  ${YAML} ;  q=0.3 , ${JSON_TYPE} ; q = 0.2`,
  `${YAML},${JSON_TYPE}`,
  `,${YAML}`,
  `${YAML},`,
  ';',
  'application/json;pretty=1',
  'application/json;charset=utf-8',
  'APPLICATION/YAML',
  'application/yaml;as=Table',
  form(YAML, 'Table'),
  form(YAML, 'PartialObjectMetadata'),
  form(YAML, 'PartialObjectMetadataList'),
  form(PROTOBUF, 'PartialObjectMetadata', 'v1beta1'),
  form(PROTOBUF, 'PartialObjectMetadataList', 'v1beta1'),
  form('*/*', 'Table'),
  form('application/*', 'Table'),
  form(JSON_TYPE, 'Table', 'v2'),
  form(JSON_TYPE, 'Table', 'v1', 'apps'),
  form(JSON_TYPE, 'table'),
  `${form(JSON_TYPE, 'Table', 'v2')},${form(JSON_TYPE, 'Table', 'v1beta1')}`,
  `${form(JSON_TYPE, 'Table')};q=0.1,${YAML};q=0.2`,
  `${form(JSON_TYPE, 'PartialObjectMetadata')},${form(JSON_TYPE, 'PartialObjectMetadataList')}`,
  `${form(JSON_TYPE, 'PartialObjectMetadataList')},${form(JSON_TYPE, 'PartialObjectMetadata')}`,
  form(JSON_TYPE, 'APIGroupDiscoveryList', 'v2', 'apidiscovery.k8s.io'),
  `${form(PROTOBUF, 'Table')},${form(JSON_TYPE, 'Table')}`,
  `${JSON_TYPE};as=Table;g=meta.k8s.io`,
  `${JSON_TYPE};as=Table;v=v1`,
  `${JSON_TYPE};as=;v=v1;g=meta.k8s.io`,
  `${JSON_TYPE};v=v1;g=meta.k8s.io`,
  `${JSON_TYPE};v=v1`,
  `${JSON_TYPE};g=apps;v=v1`,
  `${JSON_TYPE};profile=nullable`,
  `${JSON_TYPE};stream=watch`,
  'application/merge-patch+json',
  'application/json-seq',
  'application/cbor-seq,application/json',
]

const scale = of('autoscaling/v1', 'Scale', 'd', { spec: { replicas: 2 } })
const review = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
}

const asked = (accept: string): Step[] => [
  post(`${at('configmaps')}?dryRun=All`, configMap('b', { data: { a: 'b' } }), { accept }),
  get(at('configmaps', 'a'), { accept }),
  get(at('configmaps'), { accept }),
  put(at('configmaps', 'a'), configMap('a', { data: { c: 'd' } }), { accept }),
  patch(at('configmaps', 'a'), { data: { c: 'e' } }, { accept }),
  strategic(at('configmaps', 'a'), { data: { c: 'f' } }, { accept }),
  jsonPatch(at('configmaps', 'a'), [{ op: 'add', path: '/data/x', value: 'y' }], { accept }),
  apply(`${at('configmaps', 'a')}?fieldManager=m`, configMap('a', { data: { z: '1' } }), { accept }),
  remove(`${at('configmaps', 'a')}?dryRun=All`, { accept }),
  remove(`${at('configmaps')}?dryRun=All`, { accept }),
  remove(`${at('pods', 'p')}?dryRun=All`, { accept }),
  get(`${at('deployments', 'd')}/scale`, { accept }),
  put(`${at('deployments', 'd')}/scale?dryRun=All`, scale, { accept }),
  patch(`${at('deployments', 'd')}/status?dryRun=All`, { status: { replicas: 1 } }, { accept }),
  post(`${at('pods', 'p')}/eviction?dryRun=All`, of('policy/v1', 'Eviction', 'p'), { accept }),
  post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, { accept }),
  get(at('configmaps', 'none'), { accept }),
  get('/apis/apps/v1', { accept }),
  get('/version', { accept, unread: true }),
]

export const negotiationScripts = [
  ...ACCEPTS.map((accept) =>
    script(
      `negotiations/${accept}`,
      post(at('configmaps'), configMap('a')),
      post(at('pods'), pod('p')),
      post(at('deployments'), deployment('d')),
      ...asked(accept),
    ),
  ),
  script(
    'negotiations/of watches',
    post(at('configmaps'), configMap('a')),
    ...[
      '*/*',
      'application/*',
      `${JSON_TYPE};stream=watch`,
      `${PROTOBUF};stream=watch`,
      `${YAML},${JSON_TYPE}`,
      YAML,
      `${JSON_TYPE};q=0.1,${PROTOBUF};q=0.2`,
      form(JSON_TYPE, 'Table', 'v1beta1'),
      form(JSON_TYPE, 'PartialObjectMetadata', 'v1beta1'),
      form(JSON_TYPE, 'PartialObjectMetadataList'),
      form(PROTOBUF, 'Table'),
      `${form(PROTOBUF, 'Table')},${JSON_TYPE}`,
      form(PROTOBUF, 'PartialObjectMetadata'),
      form(YAML, 'Table'),
      'application/json;stream=other',
    ].map((accept) => watch(`${at('configmaps')}?resourceVersion=0`, { accept })),
  ),
]
